import Files

/// Everything that a look at the manifests needs, used by one thread at a time: the dull part
/// between the file system and `ManifestState`.
struct ManifestFollower: ~Copyable {
  private var scanner: ManifestScanner
  private var state = ManifestState()
  private var pending = PendingWrites()
  private var watch: FolderWatch?
  /// What was read at the last look and is taken at the next one, unless a writer shows up.
  private var unconfirmed: [ManifestPath: ManifestInput] = [:]
  /// Whether it was said that changes come late.
  private var isLatenessTold = false

  /// The most reads of events at a time, so that a folder that never rests holds up nothing.
  private static let readCountMax = 64

  /// A follower of these files and folders; nothing is read yet.
  init(paths: [String]) {
    scanner = ManifestScanner(sources: paths)
    do throws(PosixProblem) {
      let watch = try FolderWatch()
      eventDescriptor = watch.descriptor.number
      self.watch = consume watch
    } catch {
      eventDescriptor = -1
      watch = nil
    }
  }

  /// The descriptor that is readable when there are events; -1 when none will come.
  let eventDescriptor: Int32

  /// Whether there is a reason to look again soon.
  var isLookDue: Bool { !pending.isEmpty || !unconfirmed.isEmpty }

  /// Takes in the events that are there.
  mutating func takeEvents() {
    for _ in 0..<Self.readCountMax {
      guard let events = watch?.events(), !events.isEmpty else { return }
      for event in events { take(event) }
    }
  }

  private mutating func take(_ event: FolderEvent) {
    let path = ManifestScanner.join(event.folder, event.name)
    if event.kind == .unknown || event.folder.isEmpty {
      pending.note(.unknown, path, isFresh: false)
    } else if scanner.concerns(event.name, in: event.folder) {
      let isFresh = event.kind == .created && PosixFile.isFreshFile(path)
      pending.note(event.kind, path, isFresh: isFresh)
    }
  }

  // MARK: - Looks

  /// The first look: everything there is. What is written meanwhile is read again later.
  mutating func start() -> ManifestRound {
    let lateness = watchFolders()
    let (inputs, problems) = scanner.scan(.start)
    var round = state.apply(inputs)
    round.problems = problems + round.problems + lateness
    return round
  }

  /// The look after a burst of events, and once more after the rest that follows it.
  mutating func lookAtChanges() -> ManifestRound {
    var round = confirm()
    guard !pending.isEmpty else { return round }
    let trigger = ManifestScanner.Trigger.events(pending)
    pending.clear()
    round.problems += scan(trigger)
    // An empty file is most often one that is about to be written, and the writer may have been
    // stopped at just that point. The clock's look tells it if it stays so.
    for case (let path, .octets(let octets)) in unconfirmed where octets.isEmpty {
      leave(path)
    }
    return round
  }

  /// The look that the clock asks for.
  mutating func lookAgain() -> ManifestRound {
    let late = pending.look()
    var round = confirm()
    round.problems += scan(.timer(pending))
    round.problems += late.map {
      ManifestProblem(
        .warning, path: $0,
        message: "the file is still being written; it is read when its writer closes it")
    }
    return round
  }

  /// Reads what may have changed, to be confirmed by the next look.
  private mutating func scan(_ trigger: ManifestScanner.Trigger) -> [ManifestProblem] {
    // Watch before reading: what changes in between is an event.
    let lateness = watchFolders()
    let (inputs, problems) = scanner.scan(trigger)
    unconfirmed = inputs
    return problems + lateness
  }

  /// Takes in what the last look read.
  ///
  /// A writer may have begun after the last event was taken and before the file was read: a file is
  /// emptied a moment before the event that tells it. By the next look that event is here; what was
  /// read is half a file, and is read again when the writer is done.
  private mutating func confirm() -> ManifestRound {
    takeEvents()
    for case (let path, .octets) in unconfirmed where pending.isUnsettled(path.path) {
      leave(path)
    }
    let round = state.apply(unconfirmed)
    unconfirmed = [:]
    return round
  }

  private mutating func leave(_ path: ManifestPath) {
    unconfirmed[path] = nil
    scanner.forgetReading(path)
  }

  /// Watches all folders, those that are new under an old name too; a warning, once, when changes
  /// in one of them will only be seen by looking.
  private mutating func watchFolders() -> [ManifestProblem] {
    var problem: ManifestProblem?
    for folder in scanner.folders where PosixFile.status(folder) == .folder {
      do throws(PosixProblem) {
        guard watch != nil else { throw PosixProblem(message: "inotify is unavailable") }
        try watch?.watch(folder)
      } catch {
        problem = ManifestProblem(
          .warning, path: folder,
          message: "the folder cannot be watched (\(error.message)); it is looked at every 5 s")
      }
    }
    guard let problem, !isLatenessTold else { return [] }
    isLatenessTold = true
    return [problem]
  }
}
