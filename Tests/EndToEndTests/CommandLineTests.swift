import Glibc
import TestSupport
import Testing

/// The flags of CoreDNS on the bare binary.
@Suite struct CommandLineTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "world.yaml")
  }

  private func corefile(_ address: String) -> String {
    """
    \(address) {
        errors
        kubernetes cluster.local {
            manifests \(folder.path("world.yaml"))
        }
    }

    """
  }

  private func run(_ arguments: String...) throws -> CommandResult {
    try CommandResult.run(arguments, in: folder)
  }

  private func expectAnswers(_ daemon: Daemon) throws {
    let reply = try daemon.client.udp(Query(ManifestWorld.name("tea"), .a).bytes)
    #expect(try ParsedMessage(reply).records.map(\.data) == ["10.96.1.1"])
  }

  @Test(arguments: ["-version", "--version"])
  func `version is one word and a number`(flag: String) throws {
    let result = try run(flag)
    #expect(result.end == .exit(0))
    #expect(result.standardOutput.lowercased().contains("swiftlet"))
    #expect(result.standardOutput.contains { $0.isNumber })
    #expect(result.standardError.isEmpty)
  }

  @Test(arguments: ["-plugins", "--plugins"])
  func `plugins are listed`(flag: String) throws {
    let result = try run(flag)
    #expect(result.end == .exit(0))
    for plugin in ["errors", "kubernetes", "forward"] {
      #expect(result.standardOutput.contains(plugin))
    }
    #expect(result.standardError.isEmpty)
  }

  /// The ways to name the Corefile.
  enum ConfFlag: CaseIterable, Sendable {
    case separate, joined, doubleDash, doubleDashJoined, defaultFile

    func arguments(_ file: String) -> [String] {
      switch self {
      case .separate: ["-conf", file]
      case .joined: ["-conf=\(file)"]
      case .doubleDash: ["--conf", file]
      case .doubleDashJoined: ["--conf=\(file)"]
      case .defaultFile: []
      }
    }
  }

  @Test(arguments: ConfFlag.allCases)
  func `the Corefile is found`(flag: ConfFlag) throws {
    let port = try freePort()
    let file = try folder.write(corefile(".:\(port)"), to: "Corefile")
    let daemon = try Daemon(
      folder: folder, port: port, readiness: .synced, commandLine: flag.arguments(file))
    try expectAnswers(daemon)
  }

  @Test(arguments: ["-dns.port", "-p", "--dns.port", "--p"])
  func `the port flag is the default of blocks without a port`(flag: String) throws {
    let port = try freePort()
    let file = try folder.write(corefile("."), to: "Corefile")
    let daemon = try Daemon(
      folder: folder, port: port, readiness: .synced,
      commandLine: ["-conf", file, flag, String(port)])
    try expectAnswers(daemon)
  }

  @Test func `a port in the Corefile goes before the flag`() throws {
    let port = try freePort()
    let other = try freePort()
    let file = try folder.write(corefile(".:\(port)"), to: "Corefile")
    let daemon = try Daemon(
      folder: folder, port: port, readiness: .synced,
      commandLine: ["-conf", file, "-dns.port=\(other)"])
    try expectAnswers(daemon)
  }

  @Test func `the pid file holds the process id`() throws {
    let port = try freePort()
    let file = try folder.write(corefile(".:\(port)"), to: "Corefile")
    let daemon = try Daemon(
      folder: folder, port: port, readiness: .synced,
      commandLine: ["-conf", file, "-pidfile", folder.path("swiftlet.pid")])
    let text = folder.read("swiftlet.pid").filter { !$0.isNewline }
    #expect(text == String(daemon.pid))
  }

  @Test func `quiet leaves out the banner`() throws {
    let loud = try Daemon(readiness: .synced) { corefile(".:\($0)") }
    let hasBanner = waitUntil(.seconds(60)) { loud.standardOutput.contains(":\(loud.port)") }
    #expect(hasBanner)
    let quiet = try Daemon(arguments: ["-quiet"], readiness: .synced) { corefile(".:\($0)") }
    #expect(!quiet.standardOutput.contains(":\(quiet.port)"))
    try expectAnswers(quiet)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal ends it with status 0`(signal: Int32) throws {
    let daemon = try Daemon(readiness: .synced) { corefile(".:\($0)") }
    daemon.send(signal: signal)
    #expect(daemon.waitForEnd() == .exit(0))
    #expect(throws: SocketError.self) {
      try daemon.client.udp(
        Query(ManifestWorld.name("tea"), .a).bytes, timeout: .milliseconds(300))
    }
  }

  @Test func `SIGHUP does not end it`() throws {
    let daemon = try Daemon(readiness: .synced) { corefile(".:\($0)") }
    daemon.send(signal: SIGHUP)
    try expectAnswers(daemon)
    #expect(daemon.end == nil)
  }
}
