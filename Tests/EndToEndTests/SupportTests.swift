import Glibc
import TestSupport
import Testing

/// The tools of the tests themselves.
@Suite struct SupportTests {
  @Test func `free ports differ and can be taken`() throws {
    let first = try OccupiedPort()
    let second = try OccupiedPort()
    #expect(first.port != second.port)
    #expect(try freePort() != first.port)
  }

  @Test func `a deadline ends a wait`() {
    var count = 0
    #expect(
      !waitUntil(.milliseconds(30), every: .milliseconds(1)) {
        count += 1
        return false
      })
    #expect(count > 1)
    #expect(waitUntil(.zero) { true })
  }

  @Test func `a folder goes away with its owner`() throws {
    var path = ""
    do {
      let folder = try TemporaryFolder()
      path = try folder.write("text", to: "a.txt")
      #expect(folder.read("a.txt") == "text")
      try folder.replace("a.txt", with: "other")
      #expect(folder.read("a.txt") == "other")
      try folder.rename("a.txt", to: "b.txt")
      #expect(folder.read("a.txt").isEmpty && folder.read("b.txt") == "other")
    }
    #expect(unsafe access(path, F_OK) != 0)
  }

  private func shell(_ script: String, in folder: TemporaryFolder) throws -> ChildProcess {
    try ChildProcess(
      executable: "/bin/sh", arguments: ["-c", script], folder: folder.path,
      standardOutput: folder.path("out"), standardError: folder.path("err"))
  }

  @Test func `output, folder and status of a process are told`() throws {
    let folder = try TemporaryFolder()
    let process = try shell("pwd; echo no >&2; exit 7", in: folder)
    #expect(process.waitForEnd(.seconds(10)) == .exit(7))
    #expect(folder.read("out") == folder.path + "\n")
    #expect(folder.read("err") == "no\n")
  }

  @Test func `a process is ended by its id`() throws {
    let folder = try TemporaryFolder()
    let polite = try shell("exec sleep 100", in: folder)
    #expect(polite.poll() == nil)
    polite.send(signal: SIGTERM)
    #expect(polite.waitForEnd(.seconds(10)) == .signal(SIGTERM))
    let pid: pid_t
    do {
      let dropped = try shell("exec sleep 100", in: folder)
      pid = dropped.pid
    }
    #expect(kill(pid, 0) == -1)
  }

  @Test func `a server that is not there times out or refuses`() throws {
    let client = DNSClient(port: try freePort())
    let query = Query("a", .a).bytes
    #expect(throws: SocketError.self) { try client.udp(query, timeout: .milliseconds(50)) }
    #expect(throws: SocketError.system(call: "connect", code: ECONNREFUSED)) {
      try client.tcp(query)
    }
    #expect(throws: SocketError.badAddress("localhost")) {
      try DNSClient(host: "localhost", port: 53).udp(query)
    }
  }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1", true), ("::1", "::1", true),
    ("127.0.0.1", "127.0.0.2", false), ("127.0.0.1", "::1", false),
  ])
  func `addresses are compared`(one: String, other: String, areSame: Bool) throws {
    let first = try #require(SocketAddress(host: one, port: 53))
    let second = try #require(SocketAddress(host: other, port: 53))
    #expect(first.isSameEndpoint(as: second) == areSame)
    let otherPort = try #require(SocketAddress(host: one, port: 54))
    #expect(!first.isSameEndpoint(as: otherPort))
  }

  @Test func `what is not an address is refused`() {
    #expect(SocketAddress(host: "localhost", port: 53) == nil)
    #expect(SocketAddress(host: "1.2.3.4.5", port: 53) == nil)
    #expect(SocketAddress(host: ":::", port: 53) == nil)
  }

  @Test func `framing puts the length in front`() {
    #expect(TCPConnection.framed([1, 2, 3]) == [0, 3, 1, 2, 3])
    #expect(TCPConnection.framed([UInt8](repeating: 0, count: 258)).prefix(2) == [1, 2])
  }
}
