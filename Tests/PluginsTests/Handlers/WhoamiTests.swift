import DNSWire
import PluginChain
import Testing

/// `whoami`: the client's address, port and transport, in the additional section.
@Suite struct WhoamiTests {
  private func ask(
    _ name: String, _ transport: Exchange.Transport, _ address: IPAddress, _ port: UInt16
  ) -> Ask {
    var ask = Ask(name, .a, transport)
    ask.client = TransportAddress(address: address, port: port)
    return ask
  }

  @Test func `both families and transports`() async throws {
    let server = try await TestServer(".:53 {\n whoami\n}\n")
    let v4 = try server.reply(ask("Example.org.", .udp, IPAddress(v4: 0xC000_0207), 40_212))
    #expect(v4.flags == "qr aa rd")
    #expect(v4.code == .noError)
    #expect(v4.answer == [] && v4.authority == [])
    #expect(v4.additional == ["Example.org. 0 A 192.0.2.7", "_udp.Example.org. 0 SRV 0 0 40212 ."])
    let v6 = IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 1)
    let tcp = try server.reply(ask("example.org.", .tcp, v6, 1))
    #expect(
      tcp.additional == ["example.org. 0 AAAA 2001:db8::1", "_tcp.example.org. 0 SRV 0 0 1 ."])
  }

  @Test func `every name and type is answered alike`() async throws {
    let server = try await TestServer(".:53 {\n whoami\n}\n")
    for type in [RRType.a, .aaaa, .mx, .any, .soa, RRType(rawValue: 65_280)] {
      let reply = try server.reply(".", type)
      #expect(reply.code == .noError)
      #expect(reply.additional == [". 0 A 127.0.0.1", "_udp. 0 SRV 0 0 40212 ."])
    }
  }

  @Test func `a name that leaves no room for the transport has no SRV record`() async throws {
    let server = try await TestServer(".:53 {\n whoami\n}\n")
    // 250 octets and five more are 255: it fits; 251 do not.
    for (count, records) in [(250, 2), (251, 1), (255, 1)] {
      let label = String(repeating: "a", count: 49) + "."
      let rest = count - 1 - 50 * 4
      let name = String(repeating: label, count: 4) + String(repeating: "b", count: rest - 1)
      try #require(DomainName(text: name)?.wire.count == count)
      #expect(try server.reply(name).additional.count == records, "\(count) octets")
    }
  }
}
