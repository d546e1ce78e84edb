/// The entries of folders that decide what a path leads to: every link on the way, and the file at
/// its end. When none of them changes, neither does what is found.
package struct PathTrail: Hashable, Sendable {
  /// An entry of a folder.
  package struct Entry: Hashable, Sendable {
    /// The folder, without links in its path but as a relative path where the path was one.
    package let folder: String
    /// The entry's name.
    package let name: String
  }

  /// The entries in the order in which the system meets them; the last one is the file, or the
  /// first entry that is missing.
  package private(set) var entries: [Entry] = []

  /// Links followed at most, as the kernel does (path_resolution(7)).
  package static let linkCountMax = 40

  /// Walks `path`, which need not exist.
  package init(_ path: String) {
    var folder = path.hasPrefix("/") ? "/" : "."
    // The next component last.
    var rest = Self.components(path)
    var linkCount = 0
    while let name = rest.popLast() {
      let here = Self.join(folder, name)
      if let target = PosixFile.linkTarget(here) {
        entries.append(Entry(folder: folder, name: name))
        linkCount += 1
        guard linkCount <= Self.linkCountMax else { return }
        if target.hasPrefix("/") { folder = "/" }
        rest += Self.components(target)
      } else if rest.isEmpty || PosixFile.status(here) != .folder {
        entries.append(Entry(folder: folder, name: name))
        return
      } else {
        folder = here
      }
    }
  }

  private static func components(_ path: String) -> [String] {
    path.split(separator: "/").filter { $0 != "." }.map(String.init).reversed()
  }

  private static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }
}
