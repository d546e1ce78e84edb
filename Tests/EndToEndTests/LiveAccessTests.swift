import APISimulator
import Foundation
import TestSupport
import Testing

/// Who the binary says it is to the API server, and where it looks for it.
@Suite struct LiveAccessTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func kubeconfig(_ api: APIServer, user: String) throws {
    let text = try Kubeconfig.text(url: api.url, authorityFile: nil, token: "token-1")
    try folder.write(
      text.replacingOccurrences(of: "token: token-1", with: user), to: "kubeconfig")
  }

  @Test func `a token file that changes is read again`() async throws {
    let api = try await LiveServer.api()
    try folder.write("token-1\n", to: "token")
    try kubeconfig(api, user: "tokenFile: token")
    let server = try LiveServer(api, folder: folder)
    #expect(try server.answer(LiveWorld.name("tea")) == ["10.96.1.1"])
    try folder.replace("token", with: "token-2\n")
    api.access.tokens = ["token-2"]
    api.dropConnections()
    api.world.put(LiveWorld.service("cake", "10.96.1.3"))
    try server.expect(LiveWorld.name("cake"), becomes: "10.96.1.3")
    #expect(!server.daemon.output.contains("token-"))
  }

  @Test func `without leave to list Pods the rest is served`() async throws {
    let api = try await LiveServer.api()
    api.access.forbid(.pods)
    var setup = LiveServer.Setup()
    setup.options = "pods verified\nstartup_timeout 1s"
    let server = try LiveServer(api, setup, folder: folder)
    #expect(try server.answer(LiveWorld.name("tea")) == ["10.96.1.1"])
    #expect(try server.answer("10-244-0-9.shop.pod.cluster.local.") == ["SERVFAIL"])
    #expect(waitUntil(.seconds(60)) { server.daemon.output.contains("not allowed to list pods") })
    api.access.allow(.pods)
    try server.expect("10-244-0-9.shop.pod.cluster.local.", becomes: "10.244.0.9")
  }

  // MARK: - Where the server is

  /// A kubeconfig with a mistake, and what is said of it.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let old: String
    let new: String
    let words: [String]
  }

  static let mistakes = [
    Mistake(
      testDescription: "no server", old: "server: http", new: "sever: http",
      words: ["clusters", "server: the server is missing"]),
    Mistake(
      testDescription: "a server that is no URL", old: "server: http://", new: "server: gopher://",
      words: ["clusters", "server"]),
    Mistake(
      testDescription: "no such context", old: "current-context: simulator",
      new: "current-context: other", words: ["contexts: ", "other"]),
    Mistake(
      testDescription: "a token file that is not there", old: "token: token-1",
      new: "tokenFile: nothere", words: ["tokenFile", "nothere"]),
    Mistake(testDescription: "no YAML", old: "apiVersion: v1", new: "{[", words: []),
  ]

  @Test(arguments: mistakes)
  func `a wrong kubeconfig is a start error with place and field`(mistake: Mistake) throws {
    let text = try Kubeconfig.text(
      url: "http://127.0.0.1:1", authorityFile: nil, token: "token-1")
    let wrong = text.replacingOccurrences(of: mistake.old, with: mistake.new)
    try #require(wrong != text)
    try folder.write(wrong, to: "kubeconfig")
    let file = try folder.write(
      """
      .:\(try freePort()) {
          kubernetes cluster.local {
              kubeconfig \(folder.path("kubeconfig"))
          }
      }

      """, to: "Corefile")
    let result = try CommandResult.run(["-conf", file], in: folder)
    #expect(result.end == .exit(1))
    let line = try #require(result.errorLines.last, "\(result)")
    #expect(line.contains("Corefile:3:20: error: plugin/kubernetes: "), "\(line)")
    #expect(line.contains(folder.path("kubeconfig")), "\(line)")
    for word in mistake.words { #expect(line.contains(word), "\(line)") }
    #expect(!line.contains("token-1"))
  }

  /// Runs the binary with variables of the environment.
  private func run(_ variables: [String], _ port: UInt16) throws -> ChildProcess {
    let file = try folder.write(
      """
      .:\(port) {
          kubernetes cluster.local
      }
      example.org:\(port) {
          whoami
      }

      """, to: "Corefile")
    return try ChildProcess(
      executable: "/usr/bin/env",
      arguments: ["-u", "KUBERNETES_SERVICE_HOST", "-u", "KUBERNETES_SERVICE_PORT"] + variables
        + [try SwiftletBinary.path(), "-conf", file, "-status", "off"],
      folder: folder.path, standardOutput: folder.path("stdout.txt"),
      standardError: folder.path("stderr.txt"))
  }

  /// Variables of the environment and what the log says of them.
  static let environments: [([String], String)] = [
    ([], "KUBERNETES_SERVICE_HOST: not set; outside of a cluster, kubeconfig or endpoint says"),
    (["KUBERNETES_SERVICE_HOST=127.0.0.1"], "KUBERNETES_SERVICE_PORT: not set"),
    (
      ["KUBERNETES_SERVICE_HOST=127.0.0.1", "KUBERNETES_SERVICE_PORT=443"],
      "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
    ), (["KUBERNETES_SERVICE_HOST=a b", "KUBERNETES_SERVICE_PORT=443"], "KUBERNETES_SERVICE_HOST"),
  ]

  @Test(arguments: environments)
  func `outside of a cluster other zones are served`(
    variables: [String], words: String
  ) throws {
    let port = try freePort()
    let process = try run(variables, port)
    defer { process.stop() }
    let client = DNSClient(port: port)
    func code(_ name: String) -> UInt16? {
      (try? client.udp(Query(name, .a).bytes, timeout: .milliseconds(500)))
        .flatMap { try? ParsedMessage($0) }.map { UInt16($0.responseCode) }
    }
    let isUp = waitUntil(.seconds(60)) { code("example.org.") == 0 }
    let log = folder.read("stdout.txt") + folder.read("stderr.txt")
    #expect(isUp, "\(log)")
    #expect(code(LiveWorld.name("tea")) == 2)
    #expect(log.contains("no cluster to follow: "), "\(log)")
    #expect(log.contains(words), "\(log)")
    #expect(log.contains("Corefile:2:5"), "\(log)")
  }
}
