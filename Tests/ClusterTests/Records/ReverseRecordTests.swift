import Cluster
import DNSWire
import RecordStore
import Testing

/// PTR records: who is named when several share an address, and which zone holds the name.
@Suite struct ReverseRecordTests {
  private typealias Text = ObjectText

  private func pointers(_ world: RecordWorld, _ address: String) -> [String] {
    world.lines(about: address).map { String($0.dropFirst(address.count + 5)) }
  }

  @Test func `an endpoint of two Services has both names`() throws {
    let world = try RecordWorld()
    try world.set(
      Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", "10.0.0.1=zero"),
      Text.service("shop/read", "10.96.0.1"), Text.slice("shop/b", of: "read", "10.0.0.1"))
    #expect(pointers(world, "10.0.0.1") == ["10-0-0-1.read.shop.svc", "zero.db.shop.svc"])
    try world.delete(.endpointSlice, "shop/a")
    #expect(pointers(world, "10.0.0.1") == ["10-0-0-1.read.shop.svc"])
    try world.delete(.service, "shop/read")
    #expect(pointers(world, "10.0.0.1") == [])
  }

  @Test func `an endpoint has a name in each namespace`() throws {
    let world = try RecordWorld()
    try world.set(
      Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", "10.0.0.1"),
      Text.service("lab/db", "None"), Text.slice("lab/a", of: "db", "10.0.0.1"))
    #expect(pointers(world, "10.0.0.1") == ["10-0-0-1.db.lab.svc", "10-0-0-1.db.shop.svc"])
  }

  @Test func `of two Services with one cluster IP one is named, and the other when it goes`() throws
  {
    let world = try RecordWorld()
    try world.set(Text.service("shop/one", "10.96.0.1"), Text.service("shop/two", "10.96.0.1"))
    let first = pointers(world, "10.96.0.1")
    #expect(first == ["one.shop.svc"])
    try world.delete(.service, "shop/one")
    #expect(pointers(world, "10.96.0.1") == ["two.shop.svc"])
    try world.set(Text.service("shop/one", "10.96.0.1"))
    #expect(pointers(world, "10.96.0.1") == first, "who is named does not depend on the order")
    try world.delete(.service, "shop/two")
    #expect(pointers(world, "10.96.0.1") == first)
  }

  @Test func `a cluster IP hides an endpoint with the same address until it goes`() throws {
    let world = try RecordWorld()
    try world.set(Text.service("shop/db", "None"), Text.slice("shop/a", of: "db", "10.96.0.1=zero"))
    #expect(pointers(world, "10.96.0.1") == ["zero.db.shop.svc"])
    try world.set(Text.service("shop/web", "10.96.0.1"))
    #expect(pointers(world, "10.96.0.1") == ["web.shop.svc"])
    try world.set(Text.slice("shop/a", of: "db", "10.96.0.1=one"))
    #expect(pointers(world, "10.96.0.1") == ["web.shop.svc"])
    try world.set(Text.service("shop/web", "10.96.0.2"))
    #expect(pointers(world, "10.96.0.1") == ["one.db.shop.svc"])
    #expect(pointers(world, "10.96.0.2") == ["web.shop.svc"])
  }

  @Test func `a Service whose own endpoint has its cluster IP`() throws {
    let world = try RecordWorld()
    try world.set(
      Text.service("shop/web", "10.96.0.1"), Text.slice("shop/a", of: "web", "10.96.0.1"))
    #expect(pointers(world, "10.96.0.1") == ["web.shop.svc"])
    try world.set(Text.service("shop/web", "10.96.0.2"))
    #expect(pointers(world, "10.96.0.1") == ["10-96-0-1.web.shop.svc"])
  }

  @Test func `addresses outside of the reverse zones have no names there`() throws {
    let world = try RecordWorld { options in
      options.reverseZones = ["96.10.in-addr.arpa.", "0.244.10.in-addr.arpa.", "d.f.ip6.arpa."]
        .compactMap { DomainName(text: $0) }
    }
    try world.set(
      Text.service("shop/in", "10.96.3.1 fd00::1", ports: ""),
      Text.service("shop/out", "10.97.3.1 fc00::1", ports: ""),
      Text.service("shop/db", "None"),
      Text.slice("shop/a", of: "db", "10.244.0.7=a 10.244.1.7=b 110.244.0.7=c", ports: ""))
    #expect(
      world.lines.filter { $0.contains(" PTR ") } == [
        "10.244.0.7 PTR a.db.shop.svc", "10.96.3.1 PTR in.shop.svc", "fd00::1 PTR in.shop.svc",
      ])
  }

  @Test func `of nested reverse zones the longest holds the name`() throws {
    let world = try RecordWorld { options in
      options.reverseZones = ["10.in-addr.arpa.", "96.10.in-addr.arpa.", "in-addr.arpa."]
        .compactMap { DomainName(text: $0) }
    }
    try world.set(
      Text.service("shop/a", "10.96.0.1", ports: ""), Text.service("shop/b", "10.1.0.1", ports: ""),
      Text.service("shop/c", "192.0.2.1", ports: ""))
    let zones = world.contents.dropFirst().map { zone in
      zone.values.joined().filter { $0.type == .ptr }.count
    }
    #expect(zones == [1, 1, 1])
    #expect(world.lines.filter { $0.contains(" PTR ") }.count == 3)
    try world.delete(.service, "shop/a")
    #expect(world.contents[2].values.joined().contains { $0.type == .ptr } == false)
  }

  @Test func `without reverse zones there are no PTR records`() throws {
    let world = try RecordWorld { $0.reverseZones = [] }
    try world.set(Text.service("shop/a", "10.96.0.1", ports: ""))
    #expect(world.lines == ["a.shop.svc A 10.96.0.1"])
    #expect(world.contents.count == 1)
  }
}
