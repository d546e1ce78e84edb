import Cluster
import DNSWire
import RecordStore
import Testing

/// NS records: the Service that leads to this server, or `ns.dns`.
@Suite struct NameServerRecordTests {
  private typealias Text = ObjectText

  private func world(_ own: String) throws -> RecordWorld {
    try RecordWorld { $0.serverAddresses = Text.addresses(own) }
  }

  /// `target address address...` for each name server of a zone.
  private func servers(_ world: RecordWorld, zone: Int = 0) throws -> [String] {
    let set = try #require(world.contents[zone][[]]?.first { $0.type == .ns })
    guard case .targets(let targets) = set.data else { return ["not a list of targets"] }
    return targets.map { target in
      let name = DomainName(wire: target.name + [0])?.description ?? "MALFORMED"
      return ([name] + target.addresses.map(\.description)).joined(separator: " ")
    }
  }

  @Test func `ns.dns with the server's addresses, unless a Service leads here`() throws {
    let world = try world("192.0.2.53 2001:db8::53")
    try world.apply([])
    for zone in 0..<3 {
      #expect(try servers(world, zone: zone) == ["ns.dns. 192.0.2.53 2001:db8::53"])
    }
    let name = try #require(DomainName(text: "ns.dns."))
    let sets = world.contents[0][Array(name.wire.dropLast())] ?? []
    #expect(sets.map(\.type) == [.a, .aaaa])
  }

  @Test func `the Service whose endpoint is this server is the name server`() throws {
    let world = try world("192.0.2.53")
    try world.set(Text.service("kube-system/kube-dns", "10.96.0.10"))
    #expect(try servers(world) == ["ns.dns. 192.0.2.53"])
    try world.set(Text.slice("kube-system/a", of: "kube-dns", "192.0.2.53"))
    #expect(try servers(world) == ["kube-dns.kube-system.svc. 10.96.0.10"])
    try world.set(Text.service("kube-system/kube-dns", "10.96.0.10 fd00::a"))
    #expect(try servers(world) == ["kube-dns.kube-system.svc. 10.96.0.10 fd00::a"])
    // Not ready, another address, no Service: back to ns.dns.
    for slice in ["192.0.2.53!", "192.0.2.54"] {
      try world.set(Text.slice("kube-system/a", of: "kube-dns", slice))
      #expect(try servers(world) == ["ns.dns. 192.0.2.53"])
      try world.set(Text.slice("kube-system/a", of: "kube-dns", "192.0.2.53"))
      #expect(try servers(world) != ["ns.dns. 192.0.2.53"])
    }
    try world.delete(.service, "kube-system/kube-dns")
    #expect(try servers(world) == ["ns.dns. 192.0.2.53"])
  }

  @Test func `of a headless Service the endpoints are the name servers`() throws {
    let world = try world("192.0.2.53")
    try world.set(
      Text.service("dns/node", "None"),
      Text.slice("dns/a", of: "node", "192.0.2.53=one fd00::53=one 192.0.2.54 192.0.2.55!"))
    #expect(
      try servers(world) == [
        "one.node.dns.svc. 192.0.2.53 fd00::53", "192-0-2-54.node.dns.svc. 192.0.2.54",
      ])
    try world.set(Text.slice("dns/a", of: "node", "192.0.2.54"))
    #expect(try servers(world) == ["ns.dns. 192.0.2.53"])
  }

  @Test func `several such Services are all named, in order`() throws {
    let world = try world("192.0.2.53 192.0.2.54")
    try world.set(
      Text.service("b/dns", "10.96.0.2"), Text.slice("b/s", of: "dns", "192.0.2.54"),
      Text.service("a/dns", "10.96.0.1"), Text.slice("a/s", of: "dns", "192.0.2.53"))
    #expect(try servers(world) == ["dns.a.svc. 10.96.0.1", "dns.b.svc. 10.96.0.2"])
    try world.set(Text.namespace("b"))
    #expect(try servers(world) == ["dns.b.svc. 10.96.0.2"], "namespace a does not exist now")
    try world.set(Text.namespace("a"))
    #expect(try servers(world).count == 2)
    try world.delete(.endpointSlice, "b/s")
    #expect(try servers(world) == ["dns.a.svc. 10.96.0.1"])
  }

  @Test func `without own addresses there is ns.dns and nothing behind it`() throws {
    let world = try world("")
    try world.set(Text.service("a/dns", "10.96.0.1"), Text.slice("a/s", of: "dns", "192.0.2.53"))
    #expect(try servers(world) == ["ns.dns."])
    #expect(world.contents[0][[2, 110, 115, 3, 100, 110, 115]] == [], "ns.dns exists")
  }
}
