import Cluster
import Testing
import TestSupport

/// Credentials that change while requests are made.
@Suite struct CredentialTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  // MARK: - Token files

  @Test func `a token file is read again when it changes`() async throws {
    try folder.write("token", "one\n")
    try await ClientWorld.run(
      adjust: { $0.credentials = .tokenFile("\(folder.path)/token") },
      reply: { _ in NamespaceText.page([]) },
      { world in
        _ = try await world.list()
        try folder.write("new", "two")
        try folder.rename("new", "token")
        _ = try await world.list()
        // A file that is away, or no token, leaves the last one.
        try folder.delete("token")
        _ = try await world.list()
        try folder.write("token", "")
        _ = try await world.list()
        let seen = world.server.headers("authorization")
        #expect(seen == ["Bearer one", "Bearer two", "Bearer two", "Bearer two"])
      })
  }

  @Test func `a token file that never was is a failure`() async throws {
    try await ClientWorld.run(
      adjust: { $0.credentials = .tokenFile("\(folder.path)/none") },
      reply: { _ in NamespaceText.page([]) },
      { world in
        let failure = await world.failure()
        #expect(failure == "token: \(folder.path)/none: No such file or directory")
        #expect(world.server.requests.isEmpty)
      })
  }

  // MARK: - Credential plugins

  /// A kubeconfig whose user runs a script beside it.
  private func plugin(
    _ script: String, fields: String = "", version: String = "v1"
  ) throws -> (LoopbackServer) throws -> APIServerConfiguration? {
    try folder.write("plugin", "#!/bin/sh\n\(script)\n")
    try folder.makeExecutable("plugin")
    return { server in
      try folder.write(
        "config",
        """
        current-context: a
        clusters: [{name: a, cluster: {server: "http://127.0.0.1:\(server.port)"}}]
        contexts: [{name: a, context: {cluster: a, user: a}}]
        users:
        - name: a
          user:
            exec:
              apiVersion: client.authentication.k8s.io/\(version)
              command: ./plugin
        \(fields.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n"))

        """)
      return try Kubeconfig(file: "\(folder.path)/config").configuration()
    }
  }

  private static func told(_ status: String, version: String = "v1") -> String {
    "echo '{\"apiVersion\":\"client.authentication.k8s.io/\(version)\","
      + "\"kind\":\"ExecCredential\",\"status\":{\(status)}}'"
  }

  @Test(arguments: ["v1", "v1beta1"])
  func `a plugin tells a token`(version: String) async throws {
    let script = """
      token="$1.$NAME.$(echo "$KUBERNETES_EXEC_INFO" | grep -c '/\(version)".*"spec"')"
      echo '{"apiVersion":"client.authentication.k8s.io/\(version)","kind":"ExecCredential",'
      echo '"status":{"token":"'$token'"}}'
      """
    try await ClientWorld.run(
      configuration: try plugin(
        script,
        fields: "args: [first]\nenv: [{name: NAME, value: second}]", version: version),
      reply: { _ in NamespaceText.page([]) },
      { world in
        _ = try await world.list()
        #expect(world.server.headers("authorization") == ["Bearer first.second.1"])
      })
  }

  @Test(arguments: [
    ("\"token\":\"a\"", 1), ("\"token\":\"a\",\"expirationTimestamp\":\"2999-01-01T00:00:00Z\"", 1),
    ("\"token\":\"a\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"", 3),
    ("\"token\":\"a\",\"expirationTimestamp\":\"2001-01-01T00:00:00.5+02:00\"", 3),
  ])
  func `a plugin runs again when its credentials end`(status: String, count: Int) async throws {
    let script = "echo x >> \"$(dirname \"$0\")/runs\"\n" + Self.told(status)
    try await ClientWorld.run(
      configuration: try plugin(script), reply: { _ in NamespaceText.page([]) },
      { world in
        for _ in 0..<3 { _ = try await world.list() }
        #expect(TestFile.text("\(folder.path)/runs").split(separator: "\n").count == count)
      })
  }

  @Test func `a plugin runs again when its token is refused, once for all requests`() async throws {
    let script = """
      cd "$(dirname "$0")"; echo x >> runs
      echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
      echo '"status":{"token":"token'$(wc -l < runs)'"}}'
      """
    try await ClientWorld.run(
      configuration: try plugin(script), reply: { _ in NamespaceText.status(401) },
      { world in
        let answer = try await world.client.send(ClientWorld.list, for: ClientWorld.namespaces) {
          (_, _) async throws(APIRequestFailure) in
        }
        guard case .refused(_, let grant) = answer else {
          Issue.record("the server answered \(answer)")
          return
        }
        await world.client.refreshCredentials(after: grant)
        await world.client.refreshCredentials(after: grant)
        _ = try? await world.list()
        #expect(world.server.headers("authorization") == ["Bearer token1", "Bearer token2"])
      })
  }

  @Test(arguments: [
    ("echo no luck >&2; exit 3", "it ended with status 3: no luck"),
    ("kill -9 $$", "signal 9 ended it"), ("echo '{'", "the JSON text is not well formed"),
    ("true", "the JSON text is not well formed"),
    ("echo '{}'", "kind: this is not an ExecCredential"),
    ("head -c 3000000 /dev/zero", "it wrote too much"),
    (Self.told("\"token\":\"a\"", version: "v2"), "apiVersion: the text \"client.authentication"),
    (Self.told(""), "status: there is neither a token nor a certificate"),
    (Self.told("\"token\":\"a b\""), "status.token: this is not a token"),
    (Self.told("\"clientKeyData\":\"a\""), "a certificate and its key come together or not at all"),
    (
      Self.told("\"token\":\"a\",\"expirationTimestamp\":\"soon\""),
      "\"soon\" is not a time (RFC 3339)"
    ),
  ])
  func `a plugin that fails is told`(script: String, words: String) async throws {
    try await ClientWorld.run(
      configuration: try plugin(script), reply: { _ in NamespaceText.page([]) },
      { world in
        let failure = await world.failure()
        #expect(failure.contains(words) && failure.hasPrefix("credential plugin \""))
        #expect(!failure.contains("\n") && world.server.requests.isEmpty)
      })
  }

  @Test func `a plugin that is missing is told with its hint`() async throws {
    let read = try plugin("", fields: "installHint: get it there")
    try folder.delete("plugin")
    try await ClientWorld.run(
      configuration: read, reply: { _ in NamespaceText.page([]) },
      { world in
        let failure = await world.failure()
        #expect(failure.hasSuffix("/plugin\": No such file or directory; get it there"))
      })
  }

  @Test func `a plugin that nobody waits for is killed`() async throws {
    let script = "echo $$ > \"$(dirname \"$0\")/pid\"; exec sleep 60"
    try await ClientWorld.run(
      configuration: try plugin(script), reply: { _ in NamespaceText.page([]) },
      { world in
        let sink = RecordingSink()
        let driver = ReflectorDriver(ClientWorld.namespaces, client: world.client, sink: sink)
        let task = Task { await driver.run() }
        let request = Task { await world.failure() }
        try await requireEventually { TestFile.text("\(folder.path)/pid").hasSuffix("\n") }
        request.cancel()
        task.cancel()
        // Both end long before the plugin would.
        #expect(await request.value.hasSuffix("it was called off"))
        await task.value
        #expect(world.server.requests.isEmpty)
      })
  }

  @Test func `a plugin is told the server`() async throws {
    let script = """
      echo "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/information"
      \(Self.told("\"token\":\"a\""))
      """
    try await ClientWorld.run(
      configuration: try plugin(script, fields: "provideClusterInfo: true"),
      reply: { _ in NamespaceText.page([]) },
      { world in
        _ = try await world.list()
        #expect(
          TestFile.text("\(folder.path)/information")
            == "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
            + "\"spec\":{\"interactive\":false,\"cluster\":{\"server\":"
            + "\"http://127.0.0.1:\(world.server.port)\"}}}\n")
      })
  }
}
