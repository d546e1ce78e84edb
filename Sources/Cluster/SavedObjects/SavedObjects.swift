/// Objects as they were saved, checked to the last octet.
package struct SavedObjects: Sendable {
  /// When the objects were certainly what the API server had: seconds since 1970.
  package let time: UInt64
  /// Objects in it; one that changed while it was written may count twice.
  package let objectCount: UInt64
  private let octets: [UInt8]
  private let frames: Range<Int>

  /// Reads what `SavedObjectsWriter` wrote with the same terms.
  package init(_ octets: [UInt8], terms: String) throws(SavedObjectsProblem) {
    var reader = SavedReader(octets)
    guard reader.read(SavedForm.magic.count) == SavedForm.magic[...] else { throw .foreign }
    guard let version = reader.number(4) else { throw .damaged }
    guard version == UInt64(SavedForm.version) else { throw .version }
    guard let length = reader.number(4), length <= SavedForm.termsOctetCountMax,
      let saved = reader.read(Int(length)), let time = reader.number(8)
    else { throw .damaged }
    let start = reader.index
    guard let counts = reader.passFrames() else { throw .damaged }
    frames = start..<(reader.index - 1)
    guard reader.number(8) == counts.objects, reader.number(8) == counts.gone else {
      throw .damaged
    }
    var checksum = SavedChecksum()
    checksum.add(octets[..<reader.index])
    guard reader.number(8) == checksum.value, reader.isAtEnd else { throw .damaged }
    // Told last: damaged terms are damage.
    guard saved.elementsEqual(terms.utf8) else { throw .terms }
    self.time = time
    objectCount = counts.objects
    self.octets = octets
  }

  /// Calls `body` with every object in the order in which they were written, and with the keys of
  /// those that are gone.
  func forEach(
    _ body: (_ kind: ObjectKind, _ key: ObjectKey, _ block: [UInt8]?, _ isMulticluster: Bool)
      throws -> Void
  ) rethrows {
    var reader = SavedReader(octets, at: frames.lowerBound)
    while reader.index < frames.upperBound, let frame = reader.frame() {
      try body(
        frame.kind, PackedKey.objectKey(frame.key), frame.isGone ? nil : Array(frame.content),
        frame.isMulticluster)
    }
  }
}

/// Why saved objects are not taken.
package enum SavedObjectsProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no file.
  case missing
  /// It cannot be read; the system's words.
  case unreadable(String)
  /// It is something else.
  case foreign
  /// Another version of the program wrote it in another form.
  case version
  /// It is cut short, or an octet is not as it was.
  case damaged
  /// It was saved with options that keep other objects.
  case terms
  /// There is no room for the objects.
  case full

  /// In words.
  package var description: String {
    switch self {
    case .missing: "there is none"
    case .unreadable(let message): message
    case .foreign: "it is no snapshot of this program"
    case .version: "another version of the program wrote it"
    case .damaged: "it is damaged or cut short"
    case .terms: "it was saved with other options"
    case .full: "there is no room for its objects"
    }
  }
}

/// Reads the form; total over any octets.
private struct SavedReader {
  /// A frame whose content is well-formed.
  struct Frame {
    var kind: ObjectKind
    var key: [UInt8]
    var content: ArraySlice<UInt8>
    var isGone: Bool
    var isMulticluster: Bool
  }

  private let octets: [UInt8]
  private(set) var index: Int

  init(_ octets: [UInt8], at index: Int = 0) {
    self.octets = octets
    self.index = index
  }

  var isAtEnd: Bool { index == octets.count }

  mutating func read(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= octets.count - index else { return nil }
    defer { index += count }
    return octets[index..<(index + count)]
  }

  mutating func number(_ octetCount: Int) -> UInt64? {
    read(octetCount).map { $0.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
  }

  /// Passes over all frames and the end's mark; how many there are, or `nil` when one is not
  /// well-formed.
  mutating func passFrames() -> (objects: UInt64, gone: UInt64)? {
    var (objects, gone): (UInt64, UInt64) = (0, 0)
    while index < octets.count {
      if octets[index] == SavedForm.endMark {
        index += 1
        return (objects, gone)
      }
      guard let frame = frame() else { return nil }
      if frame.isGone { gone += 1 } else { objects += 1 }
    }
    return nil
  }

  mutating func frame() -> Frame? {
    guard let mark = read(1)?.first,
      mark & ~(SavedForm.multiclusterMark | SavedForm.goneMark) == 0,
      let length = number(4), let content = read(Int(length)),
      let (kind, key) = Self.key(content)
    else { return nil }
    let isGone = mark & SavedForm.goneMark != 0
    if isGone, key.count != content.count { return nil }
    return Frame(
      kind: kind, key: key, content: content, isGone: isGone,
      isMulticluster: mark & SavedForm.multiclusterMark != 0)
  }

  /// The kind and the key that a block starts with, if it is a key as they are written.
  private static func key(_ block: ArraySlice<UInt8>) -> (ObjectKind, [UInt8])? {
    let head = Array(block.prefix(3))
    guard head.count == 3,
      let kind = ObjectKind.allCases.first(where: { $0.packed.rawValue == head[0] }),
      kind != .serviceImport
    else { return nil }
    let length = PackedKey.length(head[1], head[2])
    guard length > head.count, length <= block.count else { return nil }
    let octets = Array(block.prefix(length))
    guard PackedKey(kind.packed, PackedKey.objectKey(octets)).octets == octets else { return nil }
    return (kind, octets)
  }
}
