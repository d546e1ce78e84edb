import DNSWire
import PluginChain
import Testing

/// `loadbalance`: every address comes first equally often, all of them come, in the same circle.
@Suite struct LoadbalanceTests {
  private static let addresses = (1...7).map { "10.244.0.\($0)" }
  private static let name = "db.shop.svc.cluster.local."

  private func server(_ directive: String) async throws -> TestServer {
    try await TestServer(
      """
      .:53 {
        \(directive)
        kubernetes cluster.local {
          manifests MANIFESTS
        }
      }
      """,
      manifests: [
        Manifest.service("shop/db", "None"),
        Manifest.slice("shop/s", of: "db", Self.addresses.joined(separator: " ")),
        Manifest.alias("shop/alias", to: Self.name),
      ])
  }

  @Test(arguments: [1, 2, 3, 0xFFFF_FFFF, 0x1234_5678_9ABC_DEF1] as [UInt64])
  func `the first address is uniform`(seed: UInt64) async throws {
    let server = try await server("loadbalance")
    let drawCount = 1_400
    let replies = try server.replies(
      Array(repeating: Ask(Self.name), count: drawCount), seed: seed)
    var counts: [String: Int] = [:]
    for reply in replies {
      let list = reply.answers(.a)
      let first = try #require(list.first)
      counts[first, default: 0] += 1
      // A rotation: the circle stays.
      let start = try #require(Self.addresses.firstIndex(of: first))
      #expect(list == Array(Self.addresses[start...] + Self.addresses[..<start]))
    }
    let fair = Double(drawCount) / Double(Self.addresses.count)
    let chiSquare = Self.addresses.reduce(0.0) { sum, address in
      let difference = Double(counts[address] ?? 0) - fair
      return sum + difference * difference / fair
    }
    // Six degrees of freedom: a fair start is above 27.9 once in ten thousand seeds.
    #expect(chiSquare < 27.9, "\(counts)")
  }

  @Test func `without it the order stays`() async throws {
    let server = try await server("")
    let replies = try server.replies(Array(repeating: Ask(Self.name), count: 50))
    #expect(replies.allSatisfy { $0.answers(.a) == Self.addresses })
  }

  @Test func `an alias stays before what it leads to`() async throws {
    let server = try await server("loadbalance")
    let replies = try server.replies(
      Array(repeating: Ask("alias.shop.svc.cluster.local."), count: 100))
    #expect(replies.allSatisfy { $0.answer.first?.contains(" CNAME ") == true })
    #expect(replies.allSatisfy { Set($0.answers(.a)) == Set(Self.addresses) })
    #expect(Set(replies.compactMap { $0.answers(.a).first }).count == Self.addresses.count)
  }

  @Test func `SRV records keep their order`() async throws {
    let server = try await server("loadbalance")
    let replies = try server.replies(Array(repeating: Ask(Self.name, .srv, .tcp), count: 20))
    #expect(Set(replies.map(\.answer)).count == 1)
    #expect(replies.allSatisfy { $0.answer.count == 7 && $0.additional.count == 7 })
  }

  @Test func `a truncated reply shows another part each time`() async throws {
    let endpoints = (0..<250).map { "10.244.1.\($0)" }
    let server = try await TestServer(
      ".:53 {\n loadbalance\n kubernetes cluster.local {\n manifests MANIFESTS\n }\n}\n",
      manifests: [
        Manifest.service("shop/db", "None"),
        Manifest.slice("shop/s", of: "db", endpoints.joined(separator: " ")),
      ])
    let replies = try server.replies(Array(repeating: Ask(Self.name), count: 200))
    #expect(replies.allSatisfy { $0.isTruncated })
    #expect(Set(replies.flatMap { $0.answers(.a) }) == Set(endpoints))
  }
}
