import Files

/// Which files changed and which of them are still being written, told by a folder's events.
///
/// A file that has been written to is left alone until its writer closes it (or another file takes
/// its name): what stands there in between is half a manifest.
struct PendingWrites: Sendable {
  /// Files that may have changed and may be read.
  private(set) var changed: Set<String> = []
  /// Whether anything may have changed.
  private(set) var isEverythingChanged = false
  /// Files whose writer is not done, with the number of looks at them since.
  private var busy: [String: Int] = [:]

  /// The looks after which a writer that is not done is told of.
  private static let patienceLookCount = 2

  /// Whether there is something to look at.
  var isEmpty: Bool { changed.isEmpty && !isEverythingChanged }

  /// Whether the file at `path` is being written.
  func isBusy(_ path: String) -> Bool { busy[path] != nil }

  /// Whether the file at `path` is being written or has just been.
  func isUnsettled(_ path: String) -> Bool { isBusy(path) || changed.contains(path) }

  /// Takes in an event about the entry at `path`; `isFresh` says whether a created entry is a
  /// plain file that its creator holds open.
  mutating func note(_ kind: FolderEvent.Kind, _ path: String, isFresh: Bool) {
    switch kind {
    case .written: setBusy(path)
    case .created where isFresh: setBusy(path)
    case .created, .settled:
      busy[path] = nil
      changed.insert(path)
    case .touched: if !isBusy(path) { changed.insert(path) }
    case .unknown:
      busy = [:]
      isEverythingChanged = true
    }
  }

  /// Forgets what has been looked at.
  mutating func clear() {
    changed = []
    isEverythingChanged = false
  }

  /// Counts a look at the files; the paths whose writers have not been done for too long, once
  /// each.
  mutating func look() -> [String] {
    for path in busy.keys { busy[path, default: 0] += 1 }
    return busy.filter { $0.value == Self.patienceLookCount }.keys.sorted()
  }

  private mutating func setBusy(_ path: String) {
    busy[path] = 0
    changed.remove(path)
  }
}
