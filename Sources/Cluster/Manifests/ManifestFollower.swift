/// Everything that a look at the manifests needs, used by one thread at a time: the dull part
/// between the file system and `ManifestState`.
struct ManifestFollower: ~Copyable {
  private var scanner: ManifestScanner
  private var state = ManifestState()
  private var pending = PendingWrites()
  private var watch: FolderWatch?
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

  /// Whether events ask for a look.
  var isLookDue: Bool { !pending.isEmpty }

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

  /// The look after a burst of events.
  mutating func lookAtChanges() -> ManifestRound {
    let trigger = ManifestScanner.Trigger.events(pending)
    pending.clear()
    return look(trigger)
  }

  /// The look that the clock asks for.
  mutating func lookAgain() -> ManifestRound {
    let late = pending.look()
    var round = look(.timer(pending))
    round.problems += late.map {
      ManifestProblem(
        .warning, path: $0,
        message: "the file is still being written; it is read when its writer closes it")
    }
    return round
  }

  private mutating func look(_ trigger: ManifestScanner.Trigger) -> ManifestRound {
    // Watch before reading: what changes in between is an event.
    let lateness = watchFolders()
    var (inputs, problems) = scanner.scan(trigger)
    // A writer may have begun after the last event was taken and before the file was read. Its
    // event is here by now; what was read is half a file, and is read again.
    takeEvents()
    for case (let path, .octets) in inputs where pending.isUnsettled(path.path) {
      inputs[path] = nil
      scanner.forgetReading(path)
    }
    var round = state.apply(inputs)
    round.problems = problems + round.problems + lateness
    return round
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
