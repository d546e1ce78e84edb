import FoundationEssentials

/// Files of other tests' helpers.
enum TestFile {
  /// The text of a file; empty when there is none.
  static func text(_ path: String) -> String {
    (try? String(contentsOf: URL(filePath: path), encoding: .utf8)) ?? ""
  }
}
