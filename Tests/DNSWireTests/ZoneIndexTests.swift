import DNSWire
import Testing
import TestSupport

/// Which zone a query's name belongs to.
@Suite struct ZoneIndexTests {
  @Test(arguments: [
    ("cluster.local", "cluster.local", true), ("a.cluster.local", "cluster.local", true),
    ("A.CLUSTER.local", "cluster.LOCAL", true), ("xcluster.local", "cluster.local", false),
    ("local", "cluster.local", false), ("cluster.local", ".", true), (".", ".", true),
    (".", "local", false), ("cluster.locax", "cluster.local", false),
    ("a.clusterxlocal", "cluster.local", false), ("a.b.c.d.e", "d.e", true),
  ])
  func `a zone is matched at label edges`(name: String, zone: String, isHeld: Bool) throws {
    let zone = try #require(DomainName(text: zone))
    let found = match(wire(name), in: [zone])
    #expect((found != nil) == isHeld)
    if let found {
      #expect(found.number == 0)
      #expect(found.labelCount == zone.labelCount)
      #expect(found.octetCount == zone.wire.count)
    }
  }

  @Test func `octets that only look like the zone do not match`() throws {
    // `\\007cluster\\005local` as the text of one label.
    let inner = Array(wire("cluster.local").dropLast())
    let zone = try #require(DomainName(text: "cluster.local"))
    #expect(match([UInt8(inner.count)] + inner + [0], in: [zone]) == nil)
  }

  @Test(arguments: [
    ("x.b.a", 2), ("b.a", 2), ("y.a", 1), ("a", 1), ("zzzz", 4), ("q.c", 3), ("b.b.a.c", 3),
    (".", 4),
  ])
  func `the zone with the most labels wins, not the longest or last text`(
    name: String, number: Int
  ) throws {
    // 0 is longer as text than any, 5 equals 2.
    let texts = ["b.aaaaaaaaaaaa", "a", "b.a", "c", ".", "B.A"]
    let zones = try texts.map { try #require(DomainName(text: $0)) }
    #expect(match(wire(name), in: zones)?.number == number)
    #expect(match(wire(name), in: [zones[0]]) == nil)
  }

  @Test func `no zones hold nothing`() {
    #expect(match([0], in: []) == nil)
  }

  @Test func `the longest names there can be match`() throws {
    let longest = labels(octetCount: 254) + [0]
    let zone = try #require(DomainName(wire: longest))
    #expect(match(longest, in: [zone, .root])?.number == 0)
    #expect(match(wire("a"), in: [zone, .root])?.number == 1)
    let short = try #require(DomainName(labels: Array(repeating: [97], count: 127)))
    #expect(match(short.wire, in: [zone, short])?.labelCount == 127)
  }

  @Test func `agrees with owned names on random zones`() throws {
    let seed: UInt64 = 4_343
    var generator = SeededGenerator(seed: seed)
    let texts = ["a", "b", "A", "ab", "aB"]
    func random() -> [[UInt8]] {
      (0..<Int.random(in: 0...4, using: &generator)).map { _ in
        Array((texts.randomElement(using: &generator) ?? "a").utf8)
      }
    }
    var foundCount = 0
    for number in 0..<4_000 {
      let name = try #require(DomainName(labels: random()))
      let zones = try (0..<3).map { _ in try #require(DomainName(labels: random())) }
      let holding = zones.indices.filter { name.isAtOrBelow(zones[$0]) }
      let best = holding.map { zones[$0].labelCount }.max()
      let expected = holding.first { zones[$0].labelCount == best }
      #expect(match(name.wire, in: zones)?.number == expected, "seed \(seed), case \(number)")
      if expected != nil { foundCount += 1 }
    }
    #expect(foundCount > 400)
  }
}
