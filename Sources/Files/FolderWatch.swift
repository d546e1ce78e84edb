import Glibc

/// One event in a watched folder.
package struct FolderEvent: Hashable, Sendable {
  /// What happened to an entry.
  package enum Kind: Hashable, Sendable {
    /// It is new.
    case created
    /// It was written to; the writer still has it open.
    case written
    /// A writer closed it, or it was renamed or deleted: it is what it is now.
    case settled
    /// Its mode or owner changed: it may be readable now.
    case touched
    /// Anything may have happened: events were lost, or the folder itself moved.
    case unknown
  }

  /// The folder, as it was given to `watch`.
  package let folder: String
  /// The entry; empty for the folder itself.
  package let name: String
  /// What happened.
  package let kind: Kind
}

/// Watches folders through inotify(7).
package struct FolderWatch: ~Copyable {
  /// Readable when there are events.
  package let descriptor: OwnedDescriptor
  private var folders: [Int32: String] = [:]
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  private static let headOctetCount = 16
  private static let mask =
    UInt32(IN_CREATE) | UInt32(IN_MODIFY) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_ATTRIB)
    | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE) | UInt32(IN_DELETE_SELF)
    | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

  /// A watch over no folder yet.
  package init() throws(PosixProblem) {
    let number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard number >= 0 else {
      throw Self.problem(EMFILE, "fs.inotify.max_user_instances and the limit of open files")
    }
    descriptor = OwnedDescriptor(owning: number)
  }

  /// Watches `folder` from now on; harmless when it is watched already, needed again when another
  /// folder may have taken its name.
  package mutating func watch(_ folder: String) throws(PosixProblem) {
    // SAFETY: the path is passed as a NUL-terminated copy.
    let watch = unsafe inotify_add_watch(descriptor.number, folder, Self.mask)
    guard watch >= 0 else { throw Self.problem(ENOSPC, "fs.inotify.max_user_watches") }
    folders[watch] = folder
  }

  /// The failure of a call, with the limit that its code stands for: the system's words do not name
  /// those of inotify.
  private static func problem(_ code: Int32, _ limit: String) -> PosixProblem {
    let isLimit = errno == code
    let words = PosixProblem.current().message
    return PosixProblem(message: isLimit ? "\(words), see \(limit)" : words)
  }

  /// The events that are there, without waiting; one read's worth.
  package mutating func events() -> [FolderEvent] {
    let count = PosixFile.read(descriptor, into: &buffer)
    guard count > 0 else { return [] }
    var events: [FolderEvent] = []
    var rest = buffer.prefix(count)
    // struct inotify_event: wd, mask, cookie, len (4 octets each), then `len` octets of name.
    while rest.count >= Self.headOctetCount {
      let watch = Int32(bitPattern: Self.word(rest, at: 0))
      let mask = Self.word(rest, at: 4)
      let nameCount = Int(Self.word(rest, at: 12))
      let name = rest.dropFirst(Self.headOctetCount).prefix(nameCount).prefix { $0 != 0 }
      rest = rest.dropFirst(Self.headOctetCount + nameCount)
      if mask & UInt32(IN_IGNORED) != 0 { folders[watch] = nil }
      events.append(
        FolderEvent(
          folder: folders[watch] ?? "", name: String(decoding: name, as: UTF8.self),
          kind: Self.kind(mask)))
    }
    return events
  }

  private static func kind(_ mask: UInt32) -> FolderEvent.Kind {
    let lost = UInt32(IN_Q_OVERFLOW) | UInt32(IN_IGNORED) | UInt32(IN_DELETE_SELF)
    if mask & (lost | UInt32(IN_MOVE_SELF)) != 0 { return .unknown }
    if mask & UInt32(IN_CREATE) != 0 { return .created }
    if mask & UInt32(IN_MODIFY) != 0 { return .written }
    if mask & UInt32(IN_ATTRIB) != 0 { return .touched }
    return .settled
  }

  /// Four octets in the machine's order.
  private static func word(_ octets: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
    let little = octets.dropFirst(offset).prefix(4).reversed().reduce(UInt32(0)) {
      $0 << 8 | UInt32($1)
    }
    return little.littleEndian
  }
}
