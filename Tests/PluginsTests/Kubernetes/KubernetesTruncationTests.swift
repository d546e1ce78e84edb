import DNSWire
import PluginChain
import Testing

/// Answers that do not fit a datagram: TC and whole records over UDP, everything over TCP.
@Suite struct KubernetesTruncationTests {
  private func server(endpoints: Int) async throws -> TestServer {
    let list = (0..<endpoints).map { "10.244.\($0 / 250).\($0 % 250)" }.joined(separator: " ")
    return try await ClusterServer.make(
      manifests: [Manifest.service("shop/db", "None"), Manifest.slice("shop/s", of: "db", list)])
  }

  private static let name = "db.shop.svc.cluster.local."

  @Test(arguments: [nil, 512, 1232, 4096] as [UInt16?])
  func `addresses are cut where the datagram ends`(payload: UInt16?) async throws {
    let limit = min(Int(payload ?? 512), 1232)
    // Header, question and OPT leave room for so many records of 16 octets.
    let room = (limit - 12 - 31 - (payload == nil ? 0 : 11)) / 16
    for count in [room - 1, room, room + 1, 300] {
      let server = try await server(endpoints: count)
      let reply = try server.reply(Ask(Self.name, payload: payload))
      #expect(reply.answer.count == min(count, room))
      #expect(reply.isTruncated == (count > room), "\(count) endpoints")
      #expect(reply.octets.count <= limit)
      #expect(reply.code == .noError)
      let whole = try server.reply(Ask(Self.name, .a, .tcp, payload: payload))
      #expect(whole.answer.count == count && !whole.isTruncated)
    }
  }

  @Test func `additional addresses are left out without TC, SRV records with it`() async throws {
    // An SRV record is 58 octets here, an address in the additional section 16.
    let some = try await server(endpoints: 10)
    let fits = try some.reply(Ask(Self.name, .srv, payload: 700))
    #expect(fits.answer.count == 10 && !fits.isTruncated)
    #expect(fits.additional.count < 10)
    let whole = try some.reply(Ask(Self.name, .srv, .tcp))
    #expect(whole.answer.count == 10 && whole.additional.count == 10)
    let cut = try some.reply(Ask(Self.name, .srv))
    #expect(cut.isTruncated)
    #expect((1..<10).contains(cut.answer.count))
    #expect(cut.additional == [])
  }

  @Test func `the largest answers over TCP`() async throws {
    // 4,000 addresses fit 65,535 octets, 4,200 do not; the SRV set passes where pointers reach.
    let fits = try await server(endpoints: 4_000)
    #expect(try fits.reply(Ask(Self.name, .a, .tcp)).answer.count == 4_000)
    let large = try await server(endpoints: 4_200)
    let reply = try large.reply(Ask(Self.name, .a, .tcp))
    #expect(reply.isTruncated && reply.octets.count <= 65_535)
    let some = try await server(endpoints: 700)
    let services = try some.reply(Ask(Self.name, .srv, .tcp))
    #expect(services.answer.count == 700 && !services.isTruncated)
    #expect(services.additional.count > 300, "owners beyond 16,383 octets are written out")
    #expect(
      services.additional.allSatisfy { $0.contains(".db.shop.svc.cluster.local. 5 A 10.244.") })
  }
}
