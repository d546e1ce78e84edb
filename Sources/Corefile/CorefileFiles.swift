/// Why a file could not be read.
package enum FileProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is no such file.
  case notFound
  /// The process may not read it.
  case notPermitted
  /// It is a folder, a device, a pipe or a socket.
  case notRegularFile
  /// It has more than this many octets.
  case tooLarge(limitByteCount: Int)
  /// It is not UTF-8 text.
  case notUTF8
  /// The operating system's error number.
  case system(errno: Int32)

  /// A few words for a message.
  package var description: String {
    switch self {
    case .notFound: "no such file"
    case .notPermitted: "permission denied"
    case .notRegularFile: "not a regular file"
    case .tooLarge(let limit): "more than \(limit) octets"
    case .notUTF8: "not UTF-8 text"
    case .system(let number): "system error \(number)"
    }
  }
}

/// The files that `import` may read: the disk, or a test's dictionary.
package protocol CorefileFiles: Sendable {
  /// The text of the file at `path`.
  func read(_ path: String) throws(FileProblem) -> String
  /// The paths of the regular files that match `pattern` (`*`, `?`, `[a-z]`), sorted.
  func glob(_ pattern: String) -> [String]
}

// MARK: - Paths

/// Path arithmetic on text alone; `..` is removed as text, as CoreDNS does.
enum CorefilePath {
  /// `path` as seen from the folder of the file `importer`; absolute paths stay as they are.
  static func resolve(_ path: String, from importer: String) -> String {
    if path.hasPrefix("/") { return clean(path) }
    guard let slash = importer.lastIndex(of: "/") else { return clean(path) }
    return clean(importer[...slash] + path)
  }

  /// `path` without `.`, `..` and empty components where that is possible.
  static func clean(_ path: some StringProtocol) -> String {
    var components: [Substring] = []
    let isAbsolute = path.hasPrefix("/")
    for component in String(path).split(separator: "/") where component != "." {
      if component == "..", let last = components.last, last != ".." {
        components.removeLast()
      } else if component != ".." || !isAbsolute {
        components.append(component)
      }
    }
    let joined = components.joined(separator: "/")
    if isAbsolute { return "/" + joined }
    return joined.isEmpty ? "." : joined
  }

  /// Whether `path` is a pattern.
  static func hasWildcard(_ path: String) -> Bool {
    path.contains { $0 == "*" || $0 == "?" || $0 == "[" }
  }
}
