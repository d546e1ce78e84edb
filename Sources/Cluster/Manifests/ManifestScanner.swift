import Files
import FoundationEssentials

/// Finds the manifest files of the configured paths and reads those that may have changed.
struct ManifestScanner: Sendable {
  /// How a scan decides which files to read.
  enum Trigger {
    /// All of them: the first look.
    case start
    /// Those named, or all that look different.
    case events(PendingWrites)
    /// Those that look different from what was read, and the same as at the scan before: a writer
    /// that is not known may not be done.
    case timer(PendingWrites)
  }

  private struct Known {
    /// As it was read; `nil` when it could not be.
    var read: FileSignature?
    /// As it was last seen.
    var lastSeen: FileSignature?
  }

  /// The configured files and folders, without trailing slashes.
  let sources: [String]
  private var known: [ManifestPath: Known] = [:]
  /// The sources that have been files: one that is gone is told as a file.
  private var fileSources: Set<Int> = []
  /// What was wrong with a source at the last scan, so that it is told once.
  private var complaints: [String: String] = [:]

  private static let fileCountMax = 10_000
  private static let extensions = [".yaml", ".yml", ".json"]

  /// A scanner of these files and folders.
  init(sources: [String]) {
    self.sources = sources.map { path in
      var path = path[...]
      while path.utf8.count > 1, path.hasSuffix("/") { path = path.dropLast() }
      return String(path)
    }
  }

  /// The folders whose events concern the sources: folders themselves, and parents of files.
  var folders: [String] {
    var seen: Set<String> = []
    return sources.flatMap { source -> [String] in
      PosixFile.status(source) == .folder ? [source] : [Self.parent(of: source)]
    }.filter { seen.insert($0).inserted }
  }

  /// Whether an entry of a watched folder may be, or stand for, a manifest.
  func concerns(_ name: String, in folder: String) -> Bool {
    name.hasPrefix("..") || sources.contains(Self.join(folder, name))
      || (sources.contains(folder) && Self.isManifestName(name))
  }

  /// The path of a folder's entry, spelled as `scan` spells it.
  static func join(_ folder: String, _ name: String) -> String {
    switch folder {
    case ".": name
    case "/": "/\(name)"
    default: "\(folder)/\(name)"
    }
  }

  /// What was found at the paths that are new, changed or gone.
  mutating func scan(
    _ trigger: Trigger
  ) -> (inputs: [ManifestPath: ManifestInput], problems: [ManifestProblem]) {
    var problems: [ManifestProblem] = []
    var inputs: [ManifestPath: ManifestInput] = [:]
    var found: [String: Int] = [:]
    var unlisted: Set<Int> = []
    for (index, source) in sources.enumerated() {
      let listing = list(source, wasFile: fileSources.contains(index))
      if listing.paths == [source] { fileSources.insert(index) }
      for path in listing.paths { found[path] = index }
      if let complaint = listing.complaint {
        unlisted.insert(index)
        if complaints.updateValue(complaint, forKey: source) != complaint {
          problems.append(ManifestProblem(.error, path: source, message: complaint))
        }
      } else {
        complaints[source] = nil
      }
    }
    for (path, source) in found {
      let path = ManifestPath(source: source, path: path)
      if let input = look(at: path, trigger) { inputs[path] = input }
    }
    for path in Array(known.keys) where found[path.path] == nil && !unlisted.contains(path.source) {
      known[path] = nil
      inputs[path] = .missing
    }
    return (inputs, problems)
  }

  // MARK: - Listing

  /// The files of a source, or what is wrong with it; then its files stay as they are.
  private func list(
    _ source: String, wasFile: Bool
  ) -> (paths: [String], complaint: String?) {
    switch PosixFile.status(source) {
    case .file, .special: return ([source], nil)
    case .missing:
      return ([], wasFile ? nil : "there is no such file or folder")
    case .unknown(let message): return ([], "it cannot be read (\(message))")
    case .folder: break
    }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: source) else {
      return ([], "the folder cannot be read")
    }
    let files = names.filter(Self.isManifestName).map { Self.join(source, $0) }
      .filter { PosixFile.status($0) != .folder }
    guard files.count <= Self.fileCountMax else {
      return ([], "the folder has more than \(Self.fileCountMax) manifest files")
    }
    return (files, nil)
  }

  private static func isManifestName(_ name: String) -> Bool {
    !name.hasPrefix(".") && extensions.contains { name.hasSuffix($0) }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  // MARK: - Reading

  private mutating func look(at path: ManifestPath, _ trigger: Trigger) -> ManifestInput? {
    guard isDue(path, trigger) else { return nil }
    do throws(PosixProblem) {
      let (octets, signature) = try PosixFile.read(
        path.path, octetCountMax: ManifestText.octetCountMax)
      known[path] = Known(read: signature, lastSeen: signature)
      return .octets(octets)
    } catch {
      known[path] = Known(read: nil, lastSeen: known[path]?.lastSeen)
      return .unreadable(error.message)
    }
  }

  /// Has a file read again at the next look, because what was read is not taken.
  mutating func forgetReading(_ path: ManifestPath) { known[path]?.read = nil }

  private mutating func isDue(_ path: ManifestPath, _ trigger: Trigger) -> Bool {
    let pending: PendingWrites
    switch trigger {
    case .start: return true
    case .events(let writes), .timer(let writes): pending = writes
    }
    if pending.isBusy(path.path) { return false }
    if pending.changed.contains(path.path) { return true }
    let status = PosixFile.status(path.path)
    guard case .file(let signature) = status else { return true }
    let before = known[path]
    known[path] = Known(read: before?.read, lastSeen: signature)
    if before?.read == signature { return false }
    if case .timer = trigger { return before?.lastSeen == signature }
    return true
  }
}
