import DNSWire
import Testing
import TestSupport

/// Addresses as text (RFC 4291 §2.2, RFC 5952) and octets.
@Suite struct IPAddressTests {
  @Test(arguments: [
    ("0.0.0.0", 0), ("10.0.0.1", 0x0A00_0001), ("255.255.255.255", 0xFFFF_FFFF),
    ("192.0.2.33", 0xC000_0221), ("1.2.3.4", 0x0102_0304),
  ])
  func `IPv4 text`(text: String, value: UInt32) throws {
    let address = try #require(IPAddress(text: text))
    #expect(address == IPAddress(v4: value))
    #expect(address.family == .v4)
    #expect(address.v4Value == value)
    #expect(address.description == text)
    #expect(address.octets.count == address.octetCount)
    #expect(address.octets == text.split(separator: ".").compactMap { UInt8($0) })
  }

  /// Text, and the canonical text of the same address.
  @Test(arguments: [
    ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:db8::1", "2001:db8::1"),
    ("2001:DB8::A", "2001:db8::a"), ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
    ("0:0:0:0:0:0:0:0", "::"), ("0:0:0:0:0:0:0:1", "::1"),
    // RFC 5952 §4.2.2: one zero group is not shortened.
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    // §4.2.3: the longest run, the first of equals.
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("1:0:0:2:0:0:3:4", "1::2:0:0:3:4"), ("0:0:1:0:0:0:0:0", "0:0:1::"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("fe80::1:0:0:0", "fe80::1:0:0:0"),
    // RFC 4291 §2.2: the last 32 bits as IPv4.
    ("::13.1.68.3", "::d01:4403"), ("::ffff:129.144.52.38", "::ffff:8190:3426"),
    ("1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
  ])
  func `IPv6 text`(text: String, canonical: String) throws {
    let address = try #require(IPAddress(text: text))
    #expect(address.family == .v6)
    #expect(address.octets.count == 16)
    #expect(address.octetCount == 16)
    #expect(address.description == canonical)
    #expect(IPAddress(text: canonical) == address)
    #expect(IPAddress(text: text.uppercased()) == address)
  }

  @Test(arguments: [
    "", " ", ".", "1", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.999",
    "01.2.3.4", "1.2.3.04", "1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "1.2.3.-4", "0x1.2.3.4", "1.2.3.a",
    "1.2.3.4/24", "1.2.3.4:53", "1111.2.3.4", "١.2.3.4", "1.2.3.4\0",
    ":", ":::", "1:", ":1", "1:2", "::1::", "1::2::3", "1:::2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:",
    ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
    "12345::", "g::", "::-1", "::1 ", "::1%eth0", "[::1]", "::1/64", "::1.2.3", "::1.2.3.4.5",
    "::1.2.3.4:5", "1.2.3.4::", "::01.2.3.4", "::256.1.1.1", "1:2:3:4:5:6:7:1.2.3.4",
    "1:2:3:4:5:1.2.3.4", "::.1.2.3", "é::", "::\0",
  ])
  func `other text is refused`(text: String) {
    #expect(IPAddress(text: text) == nil)
    #expect(IPAddress(utf8: Array(text.utf8)) == nil)
  }

  @Test func `long text is refused`() {
    for octet in [":", "1", ".", "1:", "::", "0:"] {
      #expect(IPAddress(text: String(repeating: octet, count: 100_000)) == nil)
    }
  }

  /// Names of pods, as Kubernetes writes addresses into them.
  @Test(arguments: [
    ("10-0-0-1", ".", "10.0.0.1"), ("1-2-3-4", ":", nil), ("10-0-0", ".", nil),
    ("10-0-0-256", ".", nil), ("10-0-0-01", ".", nil), ("-", ".", nil), ("", ".", nil),
    ("2001-db8--1", ":", "2001:db8::1"), ("--1", ":", "::1"), ("--", ":", "::"),
    ("1-2-3-4-5-6-7-8", ":", "1:2:3:4:5:6:7:8"), ("-1", ":", nil), ("1-", ":", nil),
    ("1---2", ":", nil), ("1--2--3", ":", nil), ("2001-db8--1", ".", nil), ("10-0-0-1", "-", nil),
    ("10-0-0-1x", ".", nil), ("--10.0.0.1", ":", "::a00:1"),
  ])
  func `dashes may stand for the separator`(text: String, dash: String, expected: String?) throws {
    let dash = try #require(dash.utf8.first)
    let octets = Array(text.utf8)
    #expect(IPAddress(octets.span, dash: dash)?.description == expected)
  }

  @Test func `octets outside are zero`() {
    let address = IPAddress(v6High: .max, low: .max)
    #expect([-1, 0, 15, 16, .max, .min].map { address.octet($0) } == [0, 255, 255, 0, 0, 0])
    #expect(IPAddress(v4: .max).octet(4) == 0)
  }

  @Test func `families differ although octets agree`() {
    #expect(IPAddress(v4: 0) != IPAddress(v6High: 0, low: 0))
    #expect(Set([IPAddress(v4: 0), IPAddress(v6High: 0, low: 0), IPAddress(v4: 0)]).count == 2)
  }

  @Test func `random addresses survive text, and the text is canonical`() {
    let seed: UInt64 = 5952
    var generator = SeededGenerator(seed: seed)
    for number in 0..<5_000 {
      // Few distinct groups, so that runs of zeros are common.
      let groups = (0..<8).map { _ in
        UInt64([0, 0, 0, 1, 0xFFFF, 0xA0].randomElement(using: &generator) ?? 0)
      }
      func half(_ part: ArraySlice<UInt64>) -> UInt64 { part.reduce(0) { $0 << 16 | $1 } }
      let address = IPAddress(v6High: half(groups[..<4]), low: half(groups[4...]))
      let text = address.description
      #expect(IPAddress(text: text) == address, "seed \(seed), case \(number): \(text)")
      let plain = groups.map { String($0, radix: 16) }.joined(separator: ":")
      #expect(IPAddress(text: plain) == address)
      #expect(text.count <= plain.count && !text.contains(":::"))
      #expect(text == text.lowercased())
      let v4 = IPAddress(v4: UInt32.random(in: 0 ... .max, using: &generator))
      #expect(IPAddress(text: v4.description) == v4)
    }
  }

  @Test(arguments: [
    ("127.0.0.1", true, false), ("127.255.0.9", true, false), ("::1", true, false),
    ("::ffff:127.0.0.1", true, false), ("0.0.0.0", false, true), ("::", false, true),
    ("128.0.0.1", false, false), ("126.0.0.1", false, false), ("::2", false, false),
    ("::127.0.0.1", false, false), ("::ffff:128.0.0.1", false, false), ("1::1", false, false),
    ("fe80::1", false, false),
  ])
  func `loopback and the wildcard are known`(
    text: String, isLoopback: Bool, isWildcard: Bool
  ) throws {
    let address = try #require(IPAddress(text: text))
    #expect(address.isLoopback == isLoopback && address.isWildcard == isWildcard)
  }
}
