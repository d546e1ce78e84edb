import DNSWire
import Testing
import TestSupport

/// Owned names: limits, comparison, order, presentation format.
@Suite struct DomainNameTests {
  // MARK: - Limits (RFC 1035 §2.3.4)

  @Test(arguments: [(1, true), (62, true), (63, true), (64, false), (192, false)])
  func `a label holds at most 63 octets`(length: Int, isName: Bool) {
    #expect((DomainName(wire: label(length) + [0]) != nil) == isName)
    let octets = Array(repeating: UInt8(ascii: "x"), count: length)
    #expect((DomainName(labels: [octets]) != nil) == isName)
    #expect((DomainName(text: String(repeating: "x", count: length)) != nil) == isName)
  }

  @Test(arguments: [(253, true), (254, true), (255, true), (256, false), (257, false)])
  func `a name holds at most 255 octets`(octetCount: Int, isName: Bool) throws {
    let octets = labels(octetCount: octetCount - 1) + [0]
    try #require(octets.count == octetCount)
    #expect((DomainName(wire: octets)?.wire == octets) == isName)
  }

  @Test func `127 labels are the most`() throws {
    let longest = try #require(DomainName(labels: Array(repeating: [0x61], count: 127)))
    #expect(longest.wire.count == 255)
    #expect(longest.labelCount == WireLimits.labelCountMax)
    #expect(DomainName(labels: Array(repeating: [0x61], count: 128)) == nil)
  }

  @Test(arguments: [
    [], [1], [1, 97], [0, 0], [1, 97, 0, 0], [1, 97, 0, 1], [0x40, 0], [0x80, 0], [0xC0, 0],
    [2, 97, 0],
  ])
  func `octets that are not exactly one name are refused`(octets: [UInt8]) {
    #expect(DomainName(wire: octets) == nil)
  }

  @Test func `labels are neither empty nor lost`() {
    #expect(DomainName(labels: [[0x61], []]) == nil)
    let labels: [[UInt8]] = [[0, 46, 255], [0x61]]
    #expect(DomainName(labels: labels)?.labels == labels)
    #expect(DomainName(labels: [[UInt8]]()) == .root)
    #expect(DomainName.root.labelCount == 0)
  }

  // MARK: - Comparison (RFC 4343)

  @Test func `case is kept and ignored, for ASCII letters only`() throws {
    for octet in UInt8.min...UInt8.max {
      let upper = try #require(DomainName(labels: [[octet]]))
      #expect(upper.wire == [1, octet, 0])
      let isLetter = (65...90).contains(octet)
      #expect(upper.lowercased.wire == [1, isLetter ? octet + 32 : octet, 0])
      for other in UInt8.min...UInt8.max {
        let name = try #require(DomainName(labels: [[other]]))
        let isSame = octet == other || (octet ^ other == 32 && (65...90).contains(octet & ~32))
        if (upper == name) != isSame { Issue.record("octets \(octet) and \(other)") }
        if isSame, upper.hashValue != name.hashValue { Issue.record("hash of \(octet)") }
      }
    }
  }

  @Test func `label edges count in comparison`() throws {
    let one = try #require(DomainName(wire: [3, 97, 1, 98, 0]))
    let two = try #require(DomainName(wire: [1, 97, 1, 98, 0]))
    #expect(one != two)
    #expect(Set([one, two, one.lowercased]).count == 2)
  }

  @Test(arguments: [
    ("a.b.example", "example", true), ("EXAMPLE", "example", true), ("example", "EXAMPLE", true),
    ("xexample", "example", false), ("example", "a.example", false), ("a.b", ".", true),
    (".", ".", true), (".", "a", false), ("a\\.example", "example", false),
  ])
  func `below is by labels`(name: String, zone: String, isBelow: Bool) throws {
    let name = try #require(DomainName(text: name))
    let zone = try #require(DomainName(text: zone))
    #expect(name.isAtOrBelow(zone) == isBelow)
    let relative = name.relativeWire(to: zone)
    #expect((relative != nil) == isBelow)
    if let relative { #expect(DomainName(wire: relative + zone.wire) == name) }
  }

  // MARK: - Canonical order (RFC 4034 §6.1)

  /// The RFC's own list, in order.
  static let canonicalOrder = [
    "example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example",
    "\\001.z.example", "*.z.example", "\\200.z.example",
  ]

  @Test func `names sort as in the RFC's list`() throws {
    let names = try Self.canonicalOrder.map { try #require(DomainName(text: $0)) }
    for (index, left) in names.enumerated() {
      for (other, right) in names.enumerated() {
        #expect(left.canonicallyPrecedes(right) == (index < other), "\(left) \(right)")
      }
    }
    var generator = SeededGenerator(seed: 4034)
    for _ in 0..<20 {
      let shuffled = names.shuffled(using: &generator)
      let sorted = shuffled.sorted { $0.canonicallyPrecedes($1) }
      #expect(sorted.map(\.wire) == names.map(\.wire))
    }
  }

  @Test func `case does not matter to the order`() throws {
    let upper = try #require(DomainName(text: "A.EXAMPLE"))
    let lower = try #require(DomainName(text: "a.example"))
    #expect(!upper.canonicallyPrecedes(lower))
    #expect(!lower.canonicallyPrecedes(upper))
  }
}
