import PluginChain
import TestSupport
import Testing

/// `errors { consolidate ... }`: errors of one kind become one line.
@Suite struct ErrorConsolidationTests {
  private static let word = "no plugin answers for this name"

  /// Runs `body` over a server with these options while its parts run, then ends them.
  private func serving(
    _ options: String, _ body: (TestServer) async throws -> Void
  ) async throws {
    let server = try await TestServer(".:53 {\n errors {\n \(options)\n }\n}\n")
    let part = try #require(server.corefile.setup.parts.first { $0.name == "errors" })
    try await whileRunning({ try await part.run() }) {
      try await body(server)
    }
  }

  private func fail(_ server: TestServer, _ count: Int) throws {
    for number in 0..<count { _ = try server.reply("n\(number).example.") }
  }

  private static func single(_ number: Int, _ level: String = "ERROR") -> String {
    "[\(level)] plugin/errors: 2 n\(number).example. A: \(word)"
  }

  @Test(arguments: [
    ("consolidate 5h \"no plugin\"", ["[ERROR] plugin/errors: 3 errors like 'no plugin'"]),
    (
      "consolidate 5h \"NO\"\nconsolidate 5h (?i)NO",
      ["[ERROR] plugin/errors: 3 errors like '(?i)NO'"]
    ),
    ("consolidate 5h plugin warning", ["[WARNING] plugin/errors: 3 errors like 'plugin'"]),
    ("consolidate 5h plugin debug", ["[DEBUG] plugin/errors: 3 errors like 'plugin'"]),
    // The first pattern that matches counts.
    ("consolidate 5h . info\nconsolidate 5h name", ["[INFO] plugin/errors: 3 errors like '.'"]),
    (
      "consolidate 5h name info show_first",
      [single(0, "INFO"), "[INFO] plugin/errors: 3 errors like 'name'"]
    ),
  ])
  func `what is left is told when the server ends`(options: String, lines: [String]) async throws {
    var last: TestServer?
    try await serving(options) { server in
      try fail(server, 3)
      last = server
    }
    let found = last?.log ?? []
    #expect(found.count == lines.count)
    for (line, expected) in zip(found, lines) {
      let tail = expected.contains(" errors like ") ? " occurred in last 5h" : ""
      #expect(line == expected + tail)
    }
    // Nobody would tell of these: they are logged one by one.
    let server = try #require(last)
    try fail(server, 2)
    #expect(server.log.dropFirst(lines.count) == [Self.single(0), Self.single(1)])
  }

  @Test func `errors that match nothing are logged as ever`() async throws {
    try await serving("consolidate 5h \"^plugin\"") { server in
      try fail(server, 2)
      #expect(server.log == [Self.single(0), Self.single(1)])
    }
  }

  @Test func `one that was shown needs no line of its own`() async throws {
    var last: TestServer?
    try await serving("consolidate 5h name warning show_first") { server in
      try fail(server, 1)
      last = server
    }
    #expect(last?.log == [Self.single(0, "WARNING")])
  }

  @Test func `each period has its line`() async throws {
    try await serving("consolidate 20ms name") { server in
      for period in 1...3 {
        try fail(server, 4)
        // The count of one line depends on when the period ended, not their sum.
        try #require(await eventually { Self.total(server.log) >= 4 * period })
      }
      #expect(Self.total(server.log) == 12)
      #expect(server.log.count >= 3)
      #expect(server.log.allSatisfy { $0.hasSuffix("errors like 'name' occurred in last 20ms") })
    }
  }

  /// The sum of all counts that were told.
  private static func total(_ lines: [String]) -> Int {
    lines.compactMap { line in line.split(separator: " ").dropFirst(2).first.flatMap { Int($0) } }
      .reduce(0, +)
  }
}
