/// The folder that relative paths of a server block start from (`root`).
package struct RootFolder: Hashable, Sendable {
  /// The folder; `nil` for the one that the server was started in.
  package let path: String?

  /// The folder at `path`.
  package init(_ path: String? = nil) {
    self.path = path
  }

  /// Where a file of the Corefile is: absolute paths stay as they are.
  package func file(_ path: String) -> String {
    guard let folder = self.path, !folder.isEmpty, !path.hasPrefix("/") else { return path }
    return folder.hasSuffix("/") ? folder + path : folder + "/" + path
  }
}
