/// Everything that a look at the manifests needs, used by one thread at a time: the dull part
/// between the file system and `ManifestState`.
struct ManifestFollower: ~Copyable {
  private var scanner: ManifestScanner
  private var state = ManifestState()
  private var pending = PendingWrites()
  private var watch: FolderWatch?
  /// Whether it was said that changes come late.
  private var isLatenessTold = false

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

  /// The first look: everything there is.
  mutating func start() -> ManifestRound { round(.start) }

  /// Takes in the events that are there; whether any of them asks for a look.
  mutating func takeEvents() -> Bool {
    for event in watch?.events() ?? [] {
      let path = ManifestScanner.join(event.folder, event.name)
      if event.kind == .unknown || event.folder.isEmpty {
        pending.note(.unknown, path, isFresh: false)
      } else if scanner.concerns(event.name, in: event.folder) {
        let isFresh = event.kind == .created && PosixFile.isFreshFile(path)
        pending.note(event.kind, path, isFresh: isFresh)
      }
    }
    return !pending.isEmpty
  }

  /// The look after a burst of events.
  mutating func lookAtChanges() -> ManifestRound {
    let trigger = ManifestScanner.Trigger.events(pending)
    pending.clear()
    return round(trigger)
  }

  /// The look that the clock asks for.
  mutating func lookAgain() -> ManifestRound {
    let late = pending.look()
    var round = round(.timer(pending))
    round.problems += late.map {
      ManifestProblem(
        .warning, path: $0,
        message: "the file is still being written; it is read when its writer closes it")
    }
    return round
  }

  private mutating func round(_ trigger: ManifestScanner.Trigger) -> ManifestRound {
    // Watch before reading: what changes in between is an event.
    let lateness = watchFolders()
    let (inputs, problems) = scanner.scan(trigger)
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
