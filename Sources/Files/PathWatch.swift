/// Watches what one path leads to: the file, and every link and folder on the way, so that the swap
/// of a mounted ConfigMap is seen as well as a file that is written in place.
package struct PathWatch: ~Copyable {
  /// What events in folders say about the file.
  package enum News {
    /// Nothing that concerns it.
    case nothing
    /// Somebody is writing.
    case writing
    /// Something changed and is as it should be read.
    case settled
  }

  private let path: String
  private var folders: FolderWatch?
  /// The names of the entries that decide what the path leads to.
  private var names: Set<String> = []
  /// The descriptor that is readable when there are events; -1 when none will come.
  package private(set) var descriptor: Int32 = -1

  /// The most reads of events at a time, so that a folder that never rests holds up nothing.
  private static let readCountMax = 64

  /// Watches nothing yet.
  package init(_ path: String) { self.path = path }

  /// Watches all folders on the way, those that are new under an old name too: before each look at
  /// the file. An error means that changes will only be seen by looking.
  package mutating func renew() throws(PosixProblem) {
    if folders == nil {
      let new = try FolderWatch()
      descriptor = new.descriptor.number
      folders = consume new
    }
    names = []
    var problem: PosixProblem?
    for entry in PathTrail(path).entries {
      names.insert(entry.name)
      do throws(PosixProblem) {
        try folders?.watch(entry.folder)
      } catch {
        // A folder that is not there is the look's to tell of.
        if PosixFile.status(entry.folder) == .folder { problem = error }
      }
    }
    if let problem { throw problem }
  }

  /// Takes in the events that are there, without waiting.
  package mutating func takeEvents() -> News {
    var news = News.nothing
    for _ in 0..<Self.readCountMax {
      guard let events = folders?.events(), !events.isEmpty else { break }
      for event in events {
        if event.kind == .unknown || event.folder.isEmpty {
          news = .settled
        } else if names.contains(event.name) {
          let path = event.folder + "/" + event.name
          let isFresh = event.kind == .created && PosixFile.isFreshFile(path)
          news = event.kind == .written || isFresh ? .writing : .settled
        }
      }
    }
    return news
  }
}
