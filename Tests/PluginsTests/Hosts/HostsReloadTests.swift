import Foundation
import PluginChain
import Plugins
import TestSupport
import Testing

/// How changes of the file reach the answers, and what is told of them.
@Suite struct HostsReloadTests {
  /// A server whose file is followed while `body` runs. The interval is an hour: looks by the clock
  /// would hide that events are missed.
  private static func following(
    _ path: String, interval: String = "1h", _ lines: String = "",
    _ body: (TestServer) async throws -> Void
  ) async throws {
    let server = try await TestServer(
      ".:53 {\nhosts \(path) {\nreload \(interval)\n\(lines)\n}\n}\n", isPrepared: false)
    let part = try #require(server.corefile.setup.parts.first { $0.name == "hosts" })
    try await part.prepare(.serve)
    try await whileRunning({ try await part.run() }) {
      try await body(server)
    }
  }

  private static func expect(_ server: TestServer, _ name: String, _ addresses: [String]) async {
    let isThere = await eventually {
      (try? server.reply(name).answer.map { $0.split(separator: " ").last.map(String.init) ?? "" })
        == addresses
    }
    #expect(isThere, "\(name) is not \(addresses); log: \(server.log)")
  }

  private static func expectLine(_ server: TestServer, _ line: String) async {
    let isThere = await eventually { server.log.contains(line) }
    #expect(isThere, "\(server.log), expected \(line)")
  }

  @Test func `a file that is renamed over the old one, or written in place, is read`() async throws
  {
    let folder = try TemporaryFolder()
    let path = try folder.write("192.0.2.1 a.example\n", to: "hosts")
    try await Self.following(path) { server in
      await Self.expect(server, "a.example.", ["192.0.2.1"])
      #expect(server.log.isEmpty)
      try folder.replace("hosts", with: "192.0.2.2 a.example b.example\n")
      await Self.expect(server, "a.example.", ["192.0.2.2"])
      await Self.expectLine(server, "[INFO] plugin/hosts: read \(path) again: 4 entries")
      try folder.write("192.0.2.3 a.example\n", to: "hosts")
      await Self.expect(server, "a.example.", ["192.0.2.3"])
      await Self.expect(server, "b.example.", [])
      await Self.expectLine(server, "[INFO] plugin/hosts: read \(path) again: 2 entries")
    }
  }

  @Test func `a file that is not there is read when it comes`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("late/hosts")
    let missing = "\(path): No such file or directory"
    try await Self.following(path, "192.0.2.9 own.example") { server in
      #expect(server.log == ["[WARNING] plugin/hosts: \(missing); it is tried again"])
      await Self.expect(server, "own.example.", ["192.0.2.9"])
      try FileManager.default.createDirectory(
        atPath: folder.path("late"), withIntermediateDirectories: false)
      try folder.write("192.0.2.1 a.example\n", to: "late/hosts")
      await Self.expect(server, "a.example.", ["192.0.2.1"])
      // Its end changes nothing but what is told.
      try FileManager.default.removeItem(atPath: path)
      await Self.expectLine(server, "[WARNING] plugin/hosts: \(missing); its entries stay")
      await Self.expect(server, "a.example.", ["192.0.2.1"])
      await Self.expect(server, "own.example.", ["192.0.2.9"])
      try folder.write("192.0.2.2 a.example\n", to: "late/hosts")
      await Self.expect(server, "a.example.", ["192.0.2.2"])
    }
  }

  @Test func `a folder in the file's place leaves the entries`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("192.0.2.1 a.example\n", to: "hosts")
    try await Self.following(path) { server in
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      await Self.expectLine(
        server, "[WARNING] plugin/hosts: \(path): it is not a regular file; its entries stay")
      await Self.expect(server, "a.example.", ["192.0.2.1"])
    }
  }

  @Test func `the swap of a mounted ConfigMap is seen`() async throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    for (name, address) in [("..one", "192.0.2.1"), ("..two", "192.0.2.2")] {
      try manager.createDirectory(atPath: folder.path(name), withIntermediateDirectories: false)
      try folder.write("\(address) a.example\n", to: "\(name)/NodeHosts")
    }
    try manager.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "..one")
    try manager.createSymbolicLink(
      atPath: folder.path("NodeHosts"), withDestinationPath: "..data/NodeHosts")
    try await Self.following(folder.path("NodeHosts")) { server in
      await Self.expect(server, "a.example.", ["192.0.2.1"])
      try manager.createSymbolicLink(
        atPath: folder.path("..data_tmp"), withDestinationPath: "..two")
      try folder.rename("..data_tmp", to: "..data")
      try manager.removeItem(atPath: folder.path("..one"))
      await Self.expect(server, "a.example.", ["192.0.2.2"])
      // Where the links lead now is followed too.
      try folder.replace("..two/NodeHosts", with: "192.0.2.3 a.example\n")
      await Self.expect(server, "a.example.", ["192.0.2.3"])
    }
  }

  @Test func `what no event tells is found by looking`() async throws {
    let folder = try TemporaryFolder()
    let other = try TemporaryFolder()
    let path = try folder.write("192.0.2.1 a.example\n", to: "hosts")
    // A second name of the same file, in a folder that nobody watches.
    try FileManager.default.linkItem(atPath: path, toPath: other.path("hosts"))
    try await Self.following(path, interval: "50ms") { server in
      try other.write("192.0.2.2 a.example\n", to: "hosts")
      await Self.expect(server, "a.example.", ["192.0.2.2"])
    }
  }

  @Test func `without an interval the file is read once`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("192.0.2.1 a.example\n", to: "hosts")
    try await Self.following(path, interval: "0") { server in
      try folder.replace("hosts", with: "192.0.2.2 a.example\n")
      await Self.expect(server, "a.example.", ["192.0.2.1"])
    }
    let late = folder.path("late")
    try await Self.following(late, interval: "0") { server in
      #expect(
        server.log == [
          "[WARNING] plugin/hosts: \(late): No such file or directory; it is not tried again"
        ])
    }
  }

  @Test func `lines that are left out are told once for as long as they stay`() async throws {
    let folder = try TemporaryFolder()
    let bad = String(repeating: "x y\n", count: 12)
    let path = try folder.write(bad + "192.0.2.1 a.example\n", to: "hosts")
    let told = (1...10).map {
      "[WARNING] plugin/hosts: \(path):\($0): found \"x\", expected an address; it is left out"
    }
    let more = "[WARNING] plugin/hosts: \(path): 2 more are left out"
    let again = "[INFO] plugin/hosts: read \(path) again: 2 entries"
    try await Self.following(path) { server in
      #expect(server.log == told + [more])
      try folder.replace("hosts", with: bad + "192.0.2.2 a.example\n")
      await Self.expect(server, "a.example.", ["192.0.2.2"])
      await Self.expectLine(server, again)
      #expect(server.log == told + [more, again])
      try folder.replace("hosts", with: "192.0.2.3 a.example\n192.0.2.3\n")
      await Self.expectLine(
        server,
        "[WARNING] plugin/hosts: \(path):2: found no name behind \"192.0.2.3\"; it is left out")
    }
  }

  // MARK: - Reloads of the Corefile, and metrics

  @Test func `a directive that stays keeps its table and its residents`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("192.0.2.1 a.example\n", to: "hosts")
    let text = ".:53 {\nhosts \(path) {\nfallthrough\n}\n}\n"
    let first = SetUpCorefile(text).setup
    for part in first.parts { try await part.prepare(.once) }
    func entries(_ setup: ServerSetup) -> [Double] {
      setup.metrics.filter { $0.name == "coredns_hosts_entries" }
        .flatMap { $0.read().map(\.value) }
    }
    #expect(entries(first) == [2])
    let second = SetUpCorefile(text.replacing("}\n}", with: "}\nwhoami\n}"), after: first.kept)
      .setup
    // Nothing was prepared: the table is the one from before.
    #expect(entries(second) == [2])
    #expect(second.residents.first?.first === first.residents.first?.first)
    #expect(second.parts.map(\.key) == first.parts.map(\.key))
    for change in ["fallthrough example.org", "ttl 5", "no_reverse", "192.0.2.1 b"] {
      let other = SetUpCorefile(text.replacing("fallthrough", with: change), after: first.kept)
        .setup
      #expect(other.parts.map(\.key) != first.parts.map(\.key))
    }
    let elsewhere = SetUpCorefile(text.replacing(".:53", with: "lan:53"), after: first.kept).setup
    #expect(elsewhere.parts.map(\.key) != first.parts.map(\.key))
  }

  @Test func `a file that nobody follows is read with each reload`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("192.0.2.1 a.example\n", to: "hosts")
    let text = ".:53 {\nhosts \(path) {\nreload 0\n}\n}\n"
    let first = SetUpCorefile(text).setup
    let second = SetUpCorefile(text, after: first.kept).setup
    #expect(second.residents.first?.first !== first.residents.first?.first)
    #expect(first.parts.map(\.key) == [nil])
  }

  @Test func `metrics have CoreDNS's names`() async throws {
    let folder = try TemporaryFolder()
    let one = try folder.write("192.0.2.1 a b\n::1 *.c\n", to: "one")
    let two = try folder.write("192.0.2.1 a\n", to: "two")
    for (path, seconds) in [(one, 1_000.0), (two, 2_000.5)] {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
    }
    let setup = SetUpCorefile(
      """
      .:53 {
        hosts \(two) {
          192.0.2.2 own
        }
      }
      a:53 {
        hosts \(one) . {
          no_reverse
        }
      }
      b:53 {
        hosts /none/hosts
      }
      """
    ).setup
    func lines() -> [String] {
      setup.metrics.filter { $0.name.hasPrefix("coredns_hosts_") }.flatMap { family in
        family.read().map { sample in
          let labels = sample.labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
          return "\(family.kind) \(family.name){\(labels)} \(sample.value)"
        }
      }.sorted()
    }
    #expect(!lines().contains { $0.contains("reload_timestamp") })
    for part in setup.parts { try await part.prepare(.once) }
    #expect(
      lines() == [
        "gauge coredns_hosts_entries{hostsfile=/none/hosts} 0.0",
        "gauge coredns_hosts_entries{hostsfile=\(one)} 3.0",
        "gauge coredns_hosts_entries{hostsfile=\(two)} 4.0",
        "gauge coredns_hosts_reload_timestamp_seconds{} 2000.5",
      ])
  }
}
