import TestSupport
import Testing

/// Upstreams from a file in the format of resolv.conf(5), which knows no port but 53.
@Suite struct UpstreamFileTests {
  /// Whether this machine lets tests listen on port 53 of loopback addresses.
  static let canListen = (try? EvilUpstream(host: address(250), port: 53)) != nil

  private static func address(_ number: Int) -> String { "127.53.67.\(number)" }

  private static func text(_ numbers: [Int]) -> String {
    "search test\noptions ndots:2\n" + numbers.map { "nameserver \(address($0))\n" }.joined()
  }

  private func queries(_ round: Int) -> [[UInt8]] {
    (0..<20).map { Query("ok.r\(round)-\($0).test.", .a, id: UInt16($0 + 1)).bytes }
  }

  @Test(.enabled(if: canListen, "port 53 cannot be taken"))
  func `a file that is replaced is read again and no query is lost`() throws {
    let old = try EvilUpstream(host: Self.address(1), port: 53)
    let new = try EvilUpstream(host: Self.address(2), port: 53)
    let folder = try TemporaryFolder()
    let file = try folder.write(Self.text([1]), to: "resolv.conf")
    let server = try UpstreamServer("forward . \(file)", folder: folder)
    var round = 0
    var lostCount = 0
    func ask() throws {
      round += 1
      let replies = try QueryBurst.ask(queries(round), of: server.client)
      lostCount += try replies.count { try $0.map { try ParsedMessage($0).isGood } != true }
    }
    try ask()
    #expect(new.received.isEmpty && !old.received.isEmpty)
    try folder.replace("resolv.conf", with: Self.text([2]))
    let isNewUsed = try waitUntil(.seconds(60), every: .milliseconds(5)) {
      try ask()
      return new.received.contains { $0.name.hasPrefix("ok.r\(round)-") }
    }
    #expect(isNewUsed)
    let oldCount = old.received.count
    for _ in 0..<5 { try ask() }
    #expect(old.received.count <= oldCount + 1, "the old one is left alone but for a probe")
    #expect(lostCount == 0)
  }

  private func expectGood(_ server: UpstreamServer, _ round: Int) throws {
    #expect(try server.ask("ok.n\(round).test.").isGood)
  }

  @Test(
    .enabled(if: canListen, "port 53 cannot be taken"), arguments: ["", "nameserver rubbish\n"])
  func `a file without upstreams changes nothing, and the next good one is read`(
    text: String
  ) throws {
    let number = text.isEmpty ? 3 : 5
    let first = try EvilUpstream(host: Self.address(number), port: 53)
    let second = try EvilUpstream(host: Self.address(number + 1), port: 53)
    let folder = try TemporaryFolder()
    let file = try folder.write(Self.text([number]), to: "resolv.conf")
    let server = try UpstreamServer("forward . \(file)", folder: folder)
    try folder.replace("resolv.conf", with: text)
    var round = 0
    // The server says that it does not take it, or a second passes.
    _ = try waitUntil(.seconds(1)) {
      round += 1
      try expectGood(server, round)
      return server.daemon.output.contains("resolv.conf")
    }
    #expect(try server.ask("ok.still.test.").isGood)
    #expect(!first.received(for: "ok.still.test.").isEmpty)
    try folder.replace("resolv.conf", with: Self.text([number + 1]))
    let isSecondUsed = try waitUntil(.seconds(60)) {
      round += 1
      try expectGood(server, round)
      return second.received.contains { $0.name.hasPrefix("ok.n") }
    }
    #expect(isSecondUsed)
  }
}
