import Files
import Foundation
import TestSupport
import Testing

/// What a path leads through, and what is told of files.
@Suite struct PathTrailTests {
  private static func link(_ folder: TemporaryFolder, _ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path(name), withDestinationPath: target)
  }

  /// The entries with the temporary folder's path cut off.
  private static func entries(_ folder: TemporaryFolder, _ name: String) -> [String] {
    PathTrail(folder.path(name)).entries.map { entry in
      let path = entry.folder + "/" + entry.name
      return path.hasPrefix(folder.path) ? String(path.dropFirst(folder.path.count + 1)) : path
    }
  }

  @Test func `links and the file at the end are on the trail`() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder.path("a/b"), withIntermediateDirectories: true)
    try folder.write("", to: "a/b/file")
    try Self.link(folder, "data", to: "a/b")
    try Self.link(folder, "file", to: "data/file")
    try Self.link(folder, "a/up", to: "../data")
    try Self.link(folder, "away", to: folder.path("a/up/file"))
    try Self.link(folder, "lost", to: "none/file")
    #expect(Self.entries(folder, "a/b/file") == ["a/b/file"])
    #expect(Self.entries(folder, "./a//b/./file") == ["a/b/file"])
    #expect(Self.entries(folder, "file") == ["file", "data", "a/b/file"])
    #expect(Self.entries(folder, "a/up/file") == ["a/up", "a/../data", "a/../a/b/file"])
    #expect(
      Self.entries(folder, "away") == ["away", "a/up", "a/../data", "a/../a/b/file"])
    #expect(Self.entries(folder, "missing") == ["missing"])
    #expect(Self.entries(folder, "lost") == ["lost", "none"])
    #expect(Self.entries(folder, "missing/file") == ["missing"])
  }

  @Test func `a loop of links ends`() throws {
    let folder = try TemporaryFolder()
    try Self.link(folder, "one", to: "two")
    try Self.link(folder, "two", to: "one")
    #expect(Self.entries(folder, "one").count == PathTrail.linkCountMax + 1)
  }

  @Test func `a relative path stays relative`() {
    let entries = PathTrail("Package.swift").entries
    #expect(entries.map(\.folder) == ["."] && entries.map(\.name) == ["Package.swift"])
  }

  @Test func `a link says where it leads`() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "file")
    try Self.link(folder, "link", to: "to/\u{E4}")
    #expect(PosixFile.linkTarget(folder.path("link")) == "to/\u{E4}")
    #expect(PosixFile.linkTarget(folder.path("file")) == nil)
    #expect(PosixFile.linkTarget(folder.path("none")) == nil)
  }

  @Test(arguments: [
    (1 << 10, "it is larger than 1 KiB"), (64 << 10, "it is larger than 64 KiB"),
    (1 << 20, "it is larger than 1 MiB"),
  ])
  func `a file has a limit`(octetCountMax: Int, message: String) throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "a", count: octetCountMax)
    let path = try folder.write(text, to: "file")
    let octets = try PosixFile.read(path, octetCountMax: octetCountMax).octets
    #expect(octets.count == octetCountMax)
    try folder.write(text + "a", to: "file")
    #expect(throws: PosixProblem(message: message)) {
      try PosixFile.read(path, octetCountMax: octetCountMax)
    }
  }
}
