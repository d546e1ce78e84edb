/// Watches what paths lead to: the files, and every link and folder on the way, so that the swap of
/// a mounted ConfigMap is seen as well as a file that is written in place.
package struct PathWatch: ~Copyable {
  /// What events in folders say about the files.
  package enum News {
    /// Nothing that concerns them.
    case nothing
    /// Somebody is writing.
    case writing
    /// Something changed and is as it should be read.
    case settled
  }

  /// Which events count.
  package enum Scope {
    /// Those of entries that decide what the paths lead to.
    case entries
    /// All of the folders that hold such entries, too: a file beside them may count as well, but
    /// not for its mode or owner.
    case folders
  }

  private let scope: Scope
  private var folders: FolderWatch?
  /// The names of the entries that decide what the paths lead to.
  private var names: Set<String> = []
  /// The descriptor that is readable when there are events; -1 when none will come.
  package private(set) var descriptor: Int32 = -1

  /// The most reads of events at a time, so that a folder that never rests holds up nothing.
  private static let readCountMax = 64
  /// The most walks along paths whose folders change all the while.
  private static let walkCountMax = 16

  /// Watches nothing yet.
  package init(scope: Scope = .entries) { self.scope = scope }

  /// Watches all folders on the way to `paths`, those that are new under an old name too: before
  /// each look at the files. An error means that changes will only be seen by looking.
  package mutating func renew(_ paths: [String]) throws(PosixProblem) {
    if folders == nil {
      let new = try FolderWatch()
      descriptor = new.descriptor.number
      folders = consume new
    }
    var trails = paths.map(PathTrail.init)
    var problem: PosixProblem?
    for _ in 0..<Self.walkCountMax {
      problem = watch(trails)
      // What came on the way before its folder was watched has been no event: walk again.
      let again = paths.map(PathTrail.init)
      if again == trails { break }
      trails = again
    }
    names = Set(trails.flatMap(\.entries).map(\.name))
    if let problem { throw problem }
  }

  private mutating func watch(_ trails: [PathTrail]) -> PosixProblem? {
    var problem: PosixProblem?
    for folder in Set(trails.flatMap(\.entries).map(\.folder)) {
      do throws(PosixProblem) {
        try folders?.watch(folder)
      } catch {
        // A folder that is not there is the look's to tell of.
        if PosixFile.status(folder) == .folder { problem = error }
      }
    }
    return problem
  }

  /// Takes in the events that are there, without waiting.
  package mutating func takeEvents() -> News {
    var news = News.nothing
    for _ in 0..<Self.readCountMax {
      guard let events = folders?.events(), !events.isEmpty else { break }
      for event in events where concerns(event) { news = Self.news(event) }
    }
    return news
  }

  private func concerns(_ event: FolderEvent) -> Bool {
    event.kind == .unknown || event.folder.isEmpty || names.contains(event.name)
      || (scope == .folders && event.kind != .touched)
  }

  private static func news(_ event: FolderEvent) -> News {
    switch event.kind {
    case .written: .writing
    case .created where PosixFile.isFreshFile(event.folder + "/" + event.name): .writing
    default: .settled
    }
  }
}
