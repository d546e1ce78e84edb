import DNSWire
import PluginChain
import Testing

/// `bufsize`: what is announced, and how large a UDP reply gets.
@Suite struct BufsizeTests {
  /// The directive, what the client announces, what we announce, and the largest reply.
  static let rows: [(directive: String, client: UInt16?, own: UInt16?, sizeMax: Int)] = [
    ("", nil, nil, 512), ("", 4096, 1232, 1232), ("", 700, 1232, 700), ("", 100, 1232, 512),
    ("bufsize", 4096, 1232, 1232), ("bufsize 512", 4096, 512, 512), ("bufsize 512", nil, nil, 512),
    ("bufsize 4096", 65_535, 4096, 4096), ("bufsize 4096", 2000, 4096, 2000),
    ("bufsize 4096", nil, nil, 512), ("bufsize 1400", 1399, 1400, 1399),
  ]

  @Test(arguments: rows)
  func `the smaller of both sizes counts`(
    directive: String, client: UInt16?, own: UInt16?, sizeMax: Int
  ) async throws {
    let endpoints = (0..<400).map { "10.244.\($0 / 200).\($0 % 200)" }.joined(separator: " ")
    let server = try await TestServer(
      """
      .:53 {
        kubernetes cluster.local {
          manifests MANIFESTS
        }
        \(directive)
      }
      """,
      manifests: [
        Manifest.service("shop/db", "None"), Manifest.slice("shop/s", of: "db", endpoints),
      ])
    var ask = Ask("db.shop.svc.cluster.local.", payload: client)
    let reply = try server.reply(ask)
    #expect(reply.payload == own)
    #expect(reply.isTruncated)
    #expect(reply.octets.count <= sizeMax)
    #expect(reply.octets.count > sizeMax - 16, "one more record of 16 octets fits")
    ask.transport = .tcp
    let whole = try server.reply(ask)
    #expect(whole.payload == own)
    #expect(!whole.isTruncated)
    #expect(whole.answer.count == 400)
  }
}
