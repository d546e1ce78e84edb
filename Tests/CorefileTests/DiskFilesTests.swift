import Corefile
import Glibc
import Testing

/// The disk, in a folder of its own.
@Suite struct DiskFilesTests {
  /// Makes a folder, runs `body` with its path and removes what was made.
  private func withFolder(_ texts: [String: [UInt8]], _ body: (String) throws -> Void) throws {
    let folder = "/tmp/corefile-tests-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    var made: [String] = []
    defer { for path in made.reversed() { unsafe _ = remove(path) } }
    for path in [folder, folder + "/d", folder + "/e"] {
      let status = unsafe mkdir(path, 0o700)
      try #require(status == 0)
      made.append(path)
    }
    for (name, bytes) in texts {
      let path = folder + "/" + name
      let descriptor = unsafe creat(path, 0o600)
      try #require(descriptor >= 0)
      made.append(path)
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe write(descriptor, buffer.baseAddress, buffer.count)
      }
      try #require(count == bytes.count && close(descriptor) == 0)
    }
    try body(folder)
  }

  @Test func `reads regular files and says why not`() throws {
    try withFolder(["a": Array("é {\n".utf8), "bad": [0xFF, 0x41], "empty": []]) { folder in
      let disk = DiskFiles()
      #expect((try? disk.read(folder + "/a")) == "é {\n")
      #expect((try? disk.read(folder + "/empty")) == "")
      #expect(throws: FileProblem.notUTF8) { try disk.read(folder + "/bad") }
      #expect(throws: FileProblem.notFound) { try disk.read(folder + "/none") }
      #expect(throws: FileProblem.notFound) { try disk.read(folder + "/a/b") }
      #expect(throws: FileProblem.notRegularFile) { try disk.read(folder + "/d") }
      #expect(throws: FileProblem.notRegularFile) { try disk.read("/dev/null") }
    }
  }

  @Test func `refuses large files`() throws {
    let bytes = [UInt8](repeating: 0x23, count: CorefileLimits.fileByteCountMax + 1)
    try withFolder(["large": bytes]) { folder in
      #expect(throws: FileProblem.tooLarge(limitByteCount: 10_485_760)) {
        try DiskFiles().read(folder + "/large")
      }
    }
  }

  @Test func `patterns find regular files, sorted`() throws {
    let names = ["b.server", "a.server", ".hidden.server", "x.txt", "d/1.server", "e/2.server"]
    try withFolder(Dictionary(uniqueKeysWithValues: names.map { ($0, []) })) { folder in
      let disk = DiskFiles()
      func glob(_ pattern: String) -> [String] {
        disk.glob(folder + "/" + pattern).map { String($0.dropFirst(folder.count + 1)) }
      }
      #expect(glob("*.server") == ["a.server", "b.server"])
      #expect(glob("*") == ["a.server", "b.server", "x.txt"])
      #expect(glob(".*") == [".hidden.server"])
      #expect(glob("?/*.server") == ["d/1.server", "e/2.server"])
      #expect(glob("[^d]/*") == ["e/2.server"])
      #expect(glob("[").isEmpty)
      #expect(glob("none/*").isEmpty)
    }
  }

  @Test func `a Corefile on the disk imports its neighbors`() throws {
    try withFolder(["d/a.conf": Array("log\n".utf8), "e/z": Array("errors".utf8)]) { folder in
      let parsed = parseCorefile(
        ". {\n import d/*.conf\n import e/z\n import d/*.none\n}", file: folder + "/Corefile",
        environment: [:], files: DiskFiles())
      #expect(render(parsed) == "[.] log; errors")
      #expect(parsed.diagnostics.map(\.severity) == [.warning])
      #expect(parsed.files == [folder + "/Corefile", folder + "/d/a.conf", folder + "/e/z"])
    }
  }

  static let patterns: [(pattern: String, name: String, matches: Bool)] = [
    ("*", "a", true), ("*", "", true), ("*", ".a", false), (".*", ".a", true),
    ("a*b*c", "axbxc", true),
    ("a*b*c", "axbx", false), ("**", "abc", true), ("?", "é", true), ("?", "", false),
    ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[^a-c]x", "dx", true), ("[!a]", "b", true),
    ("[]]", "]", true), ("[a-]", "-", true), ("[-a]", "-", true), ("\\*", "*", true),
    ("\\*", "a", false), ("a", "ab", false), ("ab", "a", false), ("*a", "aaa", true),
    ("*.server", "x.server", true), ("*.server", "x.servers", false),
  ]

  @Test(arguments: patterns)
  func `patterns match whole names`(pattern: String, name: String, matches: Bool) {
    #expect(GlobPattern(pattern)?.matches(name) == matches)
  }

  @Test(arguments: ["[", "[a", "[z-a]", "[]", "a\\"])
  func `patterns that are none`(pattern: String) {
    #expect(GlobPattern(pattern) == nil)
  }
}
