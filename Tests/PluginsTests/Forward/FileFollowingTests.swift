import Foundation
import PluginChain
import Plugins
import TestSupport
import Testing
import Upstreams

/// Upstreams from files: how changes of all kinds reach the directory.
@Suite struct FileFollowingTests {
  private static let one = "nameserver 192.0.2.1\n"
  private static let two = "# two\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
  private static let oneServers = ["192.0.2.1:53"]
  private static let twoServers = ["192.0.2.2:53", "192.0.2.3:53"]

  /// A run over one file that names one server, and that file's folder.
  private static func run(
    _ body: (FollowerRun, TemporaryFolder, String) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(one, to: "resolv.conf")
    let run = try FollowerRun(path)
    try await run.following {
      #expect(run.upstreams == oneServers)
      #expect(run.follower.directory.generation == 1)
      try await body(run, folder, path)
    }
  }

  @Test func `targets keep their order and are there once`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.two, to: "resolv.conf")
    let run = try FollowerRun("192.0.2.3 \(path) [2001:db8::1]:54 tls://192.0.2.3 192.0.2.3")
    #expect(run.upstreams == ["192.0.2.3:53", "[2001:db8::1]:54", "tls://192.0.2.3:853"])
    try await run.follower.prepare(.serve)
    #expect(
      run.upstreams == ["192.0.2.3:53", "192.0.2.2:53", "[2001:db8::1]:54", "tls://192.0.2.3:853"])
    #expect(run.log.lines.isEmpty)
  }

  @Test func `a file that is renamed over the old one is read`() async throws {
    try await Self.run { run, folder, path in
      try folder.replace("resolv.conf", with: Self.two)
      await run.expect(Self.twoServers)
      #expect(run.follower.directory.generation == 2)
      #expect(
        run.log.lines == [
          "[INFO] plugin/forward: \(path) now names 192.0.2.2:53, 192.0.2.3:53"
        ])
    }
  }

  @Test func `a file that is written in place is read`() async throws {
    try await Self.run { run, folder, _ in
      try folder.write(Self.two, to: "resolv.conf")
      await run.expect(Self.twoServers)
      try folder.write(Self.one, to: "resolv.conf")
      await run.expect(Self.oneServers)
      #expect(run.log.lines.count { $0.contains("now names") } == 2)
    }
  }

  @Test func `a file that is emptied leaves the servers`() async throws {
    try await Self.run { run, folder, path in
      let warning =
        "[WARNING] plugin/forward: \(path): it names no name server; the servers it named stay"
      try folder.write("", to: "resolv.conf")
      await run.expectLine(warning)
      #expect(run.upstreams == Self.oneServers)
      // Told once: the next line is of the next trouble.
      try folder.write("# nothing\nnameserver x\n", to: "resolv.conf")
      await run.expectLine(
        "[WARNING] plugin/forward: \(path): line 2 names no address (\"x\"); it is left out")
      #expect(run.log.lines.filter { $0 == warning }.count == 1)
      #expect(run.upstreams == Self.oneServers)
      try folder.write(Self.two, to: "resolv.conf")
      await run.expect(Self.twoServers)
    }
  }

  @Test func `a file that is deleted leaves the servers, and is read when it is back`()
    async throws
  {
    try await Self.run { run, folder, path in
      try FileManager.default.removeItem(atPath: path)
      await run.expectLine(
        "[WARNING] plugin/forward: \(path): No such file or directory; the servers it named stay")
      #expect(run.upstreams == Self.oneServers)
      try folder.write(Self.one, to: "resolv.conf")
      await run.expectLine("[INFO] plugin/forward: \(path) can be read again")
      #expect(run.follower.directory.generation == 1)
      try FileManager.default.removeItem(atPath: path)
      await run.expectLine(
        "[WARNING] plugin/forward: \(path): No such file or directory; the servers it named stay")
      try folder.write(Self.two, to: "resolv.conf")
      await run.expect(Self.twoServers)
    }
  }

  @Test func `an equal list changes nothing`() async throws {
    try await Self.run { run, folder, path in
      try folder.replace("resolv.conf", with: "# new\nnameserver x\n" + Self.one)
      await run.expectLine(
        "[WARNING] plugin/forward: \(path): line 2 names no address (\"x\"); it is left out")
      #expect(run.follower.directory.generation == 1)
      #expect(run.log.lines.count == 1)
    }
  }

  @Test func `the swap of a mounted ConfigMap is seen`() async throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    for (name, text) in [("..one", Self.one), ("..two", Self.two)] {
      try manager.createDirectory(atPath: folder.path(name), withIntermediateDirectories: false)
      try folder.write(text, to: "\(name)/resolv.conf")
    }
    try manager.createSymbolicLink(
      atPath: folder.path("..data"), withDestinationPath: "..one")
    try manager.createSymbolicLink(
      atPath: folder.path("resolv.conf"), withDestinationPath: "..data/resolv.conf")
    let run = try FollowerRun(folder.path("resolv.conf"))
    try await run.following {
      #expect(run.upstreams == Self.oneServers)
      try manager.createSymbolicLink(
        atPath: folder.path("..data_tmp"), withDestinationPath: "..two")
      try folder.rename("..data_tmp", to: "..data")
      try manager.removeItem(atPath: folder.path("..one"))
      await run.expect(Self.twoServers)
      // Where the links lead now is followed too.
      try folder.replace("..two/resolv.conf", with: Self.one)
      await run.expect(Self.oneServers)
    }
  }

  @Test func `the file behind a link is followed`() async throws {
    let folder = try TemporaryFolder()
    let other = try TemporaryFolder()
    try other.write(Self.one, to: "stub.conf")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("resolv.conf"), withDestinationPath: other.path("stub.conf"))
    let run = try FollowerRun(folder.path("resolv.conf"))
    try await run.following {
      #expect(run.upstreams == Self.oneServers)
      try other.replace("stub.conf", with: Self.two)
      await run.expect(Self.twoServers)
    }
  }

  @Test func `what no event tells is found by looking`() async throws {
    let folder = try TemporaryFolder()
    let other = try TemporaryFolder()
    let path = try folder.write(Self.one, to: "resolv.conf")
    try FileManager.default.linkItem(atPath: path, toPath: other.path("twin"))
    let run = try FollowerRun(path) { $0.fileLookInterval = 50_000_000 }
    try await run.following {
      #expect(run.upstreams == Self.oneServers)
      // Written under a name in a folder that is not watched.
      let handle = try #require(FileHandle(forWritingAtPath: other.path("twin")))
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: Data(Self.two.utf8))
      try handle.close()
      await run.expect(Self.twoServers)
    }
  }

  // MARK: - Starting

  @Test(arguments: [
    (nil, "No such file or directory"), ("", "it names no name server"),
    ("search a\n", "it names no name server"), ("nameserver x\n", "it names no name server"),
  ])
  func `a file without servers ends the start`(text: String?, reason: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("resolv.conf")
    if let text { try folder.write(text, to: "resolv.conf") }
    let run = try FollowerRun("192.0.2.9 \(path)")
    #expect(await run.startFailure() == "Corefile:2:21: error: \(path): \(reason)")
  }

  @Test func `a folder is no file`() async throws {
    let folder = try TemporaryFolder()
    let run = try FollowerRun(folder.path)
    let message = "Corefile:2:11: error: \(folder.path): it is not a regular file"
    #expect(await run.startFailure() == message)
  }

  @Test func `addresses alone need no follower`() throws {
    #expect(try FollowerRun("192.0.2.1 tls://192.0.2.2").follower.part == nil)
    #expect(try FollowerRun("192.0.2.1 /etc/resolv.conf").follower.part?.name == "forward")
    #expect(try FollowerRun("192.0.2.1 dns.example").follower.part?.name == "forward")
  }

  @Test func `nothing is read when no query will come`() async throws {
    let run = try FollowerRun("/none/resolv.conf")
    try await run.follower.prepare(.once)
    #expect(run.follower.directory.generation == 0)
  }
}
