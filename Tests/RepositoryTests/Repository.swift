import Foundation

/// The files of this repository as they lie on the disk.
enum Repository {
  /// The top folder, from where this source file lies.
  static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every file but build products and git's own, relative to `root`, sorted.
  static let paths: [String] = {
    var found: [String] = []
    var folders = [""]
    while let folder = folders.popLast() {
      for name in names(in: folder) where !isForeign(name) {
        let path = folder.isEmpty ? name : folder + "/" + name
        if isFolder(path) { folders.append(path) } else { found.append(path) }
      }
    }
    return found.sorted()
  }()

  /// Every file that is UTF-8 text, but for generated code: its shape is its generator's.
  static let textFiles: [TextFile] = paths.compactMap { path in
    guard !path.hasSuffix(".pb.swift"),
      let data = FileManager.default.contents(atPath: absolute(path)),
      let text = String(validating: data, as: UTF8.self)
    else { return nil }
    return TextFile(path: path, text: text)
  }

  /// Every Swift file of Sources, with its comments and strings told apart from its code.
  static let sources = swiftFiles(below: "Sources/")

  /// Every Swift file of Tests.
  static let tests = swiftFiles(below: "Tests/")

  /// Every Markdown file.
  static let documents = textFiles.filter { $0.path.hasSuffix(".md") }

  private static func swiftFiles(below folder: String) -> [SwiftFile] {
    textFiles.filter { $0.path.hasPrefix(folder) && $0.path.hasSuffix(".swift") }
      .map { SwiftFile(path: $0.path, text: $0.text) }
  }

  /// Not of this repository: git's folder, build products and their list of versions.
  private static func isForeign(_ name: String) -> Bool {
    [".git", ".swiftpm", "Package.resolved"].contains(name)
      || name.hasPrefix(ForbiddenText.buildFolder)
  }

  // MARK: - The disk

  /// The text of one file; nil without one.
  static func text(_ path: String) -> String? {
    textFiles.first { $0.path == path }?.text
  }

  /// The names in a folder, without their order; empty without one.
  static func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: absolute(folder))) ?? []
  }

  /// Whether there is a file or folder.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: absolute(path))
  }

  /// Whether there is a folder.
  static func isFolder(_ path: String) -> Bool {
    (try? root.appendingPathComponent(path).resourceValues(forKeys: [.isDirectoryKey]))?
      .isDirectory == true
  }

  /// Whether there is a file that may be run.
  static func isExecutable(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: absolute(path))
  }

  /// A path of the repository as the system needs it.
  static func absolute(_ path: String) -> String { root.appendingPathComponent(path).path }
}

/// A text file of the repository.
struct TextFile: Sendable {
  /// Relative to the root of the repository.
  let path: String
  /// All of it.
  let text: String
  /// Its lines without their ends; the first has number 1.
  let lines: [String]

  /// A file, from the disk or made up.
  init(path: String, text: String) {
    self.path = path
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
