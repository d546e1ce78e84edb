import Corefile
import Testing
import TestSupport

/// Reverse zones of CIDRs, and names.
@Suite struct ReverseZoneTests {
  static let cases: [(cidr: String, zones: [String]?)] = [
    ("10.0.0.0/8", ["10.in-addr.arpa."]), ("10.2.0.0/16", ["2.10.in-addr.arpa."]),
    ("192.0.2.7/32", ["7.2.0.192.in-addr.arpa."]), ("0.0.0.0/0", ["in-addr.arpa."]),
    ("192.0.2.128/31", ["128.2.0.192.in-addr.arpa.", "129.2.0.192.in-addr.arpa."]),
    ("::/0", ["ip6.arpa."]), ("fd00::/8", ["d.f.ip6.arpa."]),
    ("fd00::/7", ["c.f.ip6.arpa.", "d.f.ip6.arpa."]),
    ("::ffff:192.0.2.0/4", ["0.ip6.arpa."]), ("1:2:3:4:5:6:7:8/4", ["0.ip6.arpa."]),
    ("10.0.0.0", nil), ("10.0.0.0/", nil), ("10.0.0.0/33", nil), ("10.0.0.0/+8", nil),
    ("10.0.0.0/08", nil), ("10.0.0/8", nil), ("010.0.0.0/8", nil), ("10.0.0.0.0/8", nil),
    ("/8", nil), ("", nil), ("/", nil), ("::/129", nil), (":/8", nil), ("1::2::3/8", nil),
    ("1:2:3:4:5:6:7/8", nil), ("1:2:3:4:5:6:7:8:9/8", nil), ("1:2:3:4:5:6:7::8/8", nil),
    ("::12345/8", nil), ("::g/8", nil), ("::+1/8", nil), ("1.2.3.4::/8", nil),
    ("10.0.0.0/8/8", nil),
    ("::1%eth0/64", nil),
  ]

  @Test(arguments: cases)
  func `zones of a CIDR`(cidr: String, zones: [String]?) {
    #expect(ReverseZone.zones(cidr: cidr) == zones)
  }

  @Test func `a prefix is split at the next octet`() throws {
    let zones = try #require(ReverseZone.zones(cidr: "10.0.0.0/17"))
    #expect(zones.count == 128)
    #expect(zones.first == "0.0.10.in-addr.arpa.")
    #expect(zones.last == "127.0.10.in-addr.arpa.")
  }

  /// The zones hold the addresses of the prefix and no others.
  @Test func `IPv4 zones hold exactly the addresses of the prefix`() throws {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<400 {
      let octets = (0..<4).map { _ in Int.random(in: 0...255, using: &generator) }
      let length = Int.random(in: 0...32, using: &generator)
      let zones = try #require(
        ReverseZone.zones(cidr: octets.map(String.init).joined(separator: ".") + "/\(length)"))
      #expect(zones.count == 1 << ((8 - length % 8) % 8))
      #expect(Set(zones).count == zones.count)
      for _ in 0..<20 {
        // Near addresses are the interesting ones: change a few bits from any bit on.
        var probe = octets
        let bit = Int.random(in: 0..<32, using: &generator)
        probe[bit / 8] ^= 1 << (7 - bit % 8)
        let name = probe.reversed().map(String.init).joined(separator: ".") + ".in-addr.arpa."
        let isInside = zones.contains { name == $0 || name.hasSuffix("." + $0) }
        #expect(isInside == (bit >= length))
      }
    }
  }

  @Test func `IPv6 zones hold exactly the addresses of the prefix`() throws {
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<400 {
      let nibbles = (0..<32).map { _ in Int.random(in: 0...15, using: &generator) }
      let length = Int.random(in: 0...128, using: &generator)
      let digits = nibbles.map { String($0, radix: 16) }
      let groups = stride(from: 0, to: 32, by: 4).map { digits[$0..<($0 + 4)].joined() }
      let zones = try #require(
        ReverseZone.zones(cidr: groups.joined(separator: ":") + "/\(length)"))
      #expect(zones.count == 1 << ((4 - length % 4) % 4))
      #expect(Set(zones).count == zones.count)
      for bit in 0..<128 where bit % 5 == 0 || abs(bit - length) < 3 {
        var probe = nibbles
        probe[bit / 4] ^= 1 << (3 - bit % 4)
        let name =
          probe.reversed().map { String($0, radix: 16) }.joined(separator: ".") + ".ip6.arpa."
        #expect(zones.contains { name.hasSuffix($0) } == (bit >= length))
      }
    }
  }

  // MARK: - Names

  static let names: [(text: String, zones: [String]?)] = [
    (".", ["."]), ("Example.ORG", ["example.org."]), ("example.org.", ["example.org."]),
    ("a\\.b.c", ["a\\.b.c."]), ("\\097\\065", ["aa."]), ("\\000\\032\\255", ["\\000\\032\\255."]),
    ("\\@\\a\\;\\\\", ["\\@a\\;\\\\."]), ("a\\046b", ["a\\.b."]), ("@", ["\\@."]),
    (String(repeating: "a", count: 63), [String(repeating: "a", count: 63) + "."]),
    (String(repeating: "\\065", count: 63), [String(repeating: "a", count: 63) + "."]),
    (String(repeating: "a.", count: 127), [String(repeating: "a.", count: 127)]),
    (String(repeating: "a.", count: 128), nil), (String(repeating: "\\.", count: 64), nil),
    ("", nil), ("..", nil), ("a..", nil), (".a", nil), ("a b", nil), ("a\\", nil), ("a\\25", nil),
    ("a\\256", nil), ("a\\ b", nil), ("a\\\u{7F}", nil), ("é", nil), ("a:53", nil), ("a,b", nil),
    ("a{", nil), ("::1", nil), ("10.0.0.0/99", nil), ("2001:db8::/x", nil),
    ("10.0.0.0/31", ["0.0.0.10.in-addr.arpa.", "1.0.0.10.in-addr.arpa."]),
  ]

  @Test(arguments: names)
  func `names are absolute, lower case and canonical`(text: String, zones: [String]?) {
    #expect((try? normalizedZone(text).get()) == zones)
    // What comes out goes in again unchanged.
    for zone in zones ?? [] { #expect((try? normalizedZone(zone).get()) == [zone]) }
  }
}
