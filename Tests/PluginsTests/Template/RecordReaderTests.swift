import DNSWire
import Plugins
import Testing
import ZoneText

/// Records in presentation format: the same octets as libldns reads, or none.
@Suite struct RecordReaderTests {
  static let plain = [
    "a.example. 60 IN A 192.0.2.1", "a.example. 60 IN AAAA 2001:db8::1",
    "a.example. 60 IN CNAME b.example.",
    "a.example. 0 IN NS b.example.", "1.2.0.192.in-addr.arpa. 60 IN PTR host.example.",
    "a.example. 60 IN MX 10 mx.example.",
    "a.example. 60 IN TXT one", "a.example. 60 IN TXT \"one two\" three \"\"",
    "a.example. 60 IN TXT \"a\\\"b\\\\c\\065;\"",
    "a.example. 60 IN SRV 0 5 5060 sip.example.", "_x._tcp.a.example. 1 IN SRV 65535 65535 65535 .",
    "a.example. 60 IN SOA ns.example. root.example. 1 2 3 4 5",
    "a.example. 60 IN SOA ns.example. root.example. (1 2 3 4 5)",
    "a.example. 60 IN CAA 0 issue \"ca.example\"", "a.example. 60 IN HINFO \"CPU\" \"OS\"",
    "a.example. 60 IN RP a.example. b.example.",
    "a.example. 60 IN NAPTR 100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b!\" .",
    "a.example. 60 IN DNAME b.example.",
    "a.example. 60 IN URI 10 1 \"https://example.org/\"", "a.example. 60 IN TYPE65280 \\# 3 010203",
    "a.example. 60 IN A \\# 4 c0000201",
    "a.example. 60 IN DS 1 8 2 \(String(repeating: "ab", count: 32))",
    "a.example. 60 IN SSHFP 1 1 \(String(repeating: "0c", count: 20))",
    "a.example. 60 IN TLSA 3 1 1 \(String(repeating: "0c", count: 32))",
    "a.example. 60 IN HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1", "a.example. 60 IN SVCB 0 b.example.",
    "a.example. 60 IN LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
    "a\\.b.example. 60 IN A 192.0.2.1", "a\\032b.example. 60 IN A 192.0.2.1",
    "*.example. 60 IN A 192.0.2.1", "a.example 60 IN CNAME b", ". 60 IN NS a.",
    "a.example. 60 IN AFSDB 1 b.example.", "a.example. 60 IN SPF \"v=spf1 -all\"",
  ]

  @Test(arguments: plain)
  func `a record is what libldns reads`(text: String) throws {
    let record = try #require(try RecordReader.read(MarkedText(text)))
    #expect(record.wire == (try PresentationRecord(text: text).wire()))
  }

  /// What libldns reads otherwise or not at all, and CoreDNS does: with a way to write it that it
  /// reads.
  static let variants: [(text: String, same: String)] = [
    ("a. IN 60 A 192.0.2.1", "a. 60 IN A 192.0.2.1"), ("a. 60 A 192.0.2.1", "a. 60 IN A 192.0.2.1"),
    ("a. A 192.0.2.1", "a. 3600 IN A 192.0.2.1"), ("a. in a 192.0.2.1", "a. 3600 IN A 192.0.2.1"),
    ("a. 1h30m IN A 192.0.2.1", "a. 5400 IN A 192.0.2.1"),
    ("a. 1w IN A 192.0.2.1", "a. 604800 IN A 192.0.2.1"),
    ("a. 60 CLASS1 TYPE1 192.0.2.1", "a. 60 IN A 192.0.2.1"),
    ("a. 60 IN A 192.0.2.1 ; note", "a. 60 IN A 192.0.2.1"),
    ("; note\n\n a. 60 IN A 192.0.2.1".replacing("\n a", with: "\na"), "a. 60 IN A 192.0.2.1"),
    ("a. 60 IN A 192.0.2.1\nb. 60 IN A 192.0.2.2", "a. 60 IN A 192.0.2.1"),
    ("a.\t60\tIN\tA\t192.0.2.1\r\n", "a. 60 IN A 192.0.2.1"),
    ("a. 60 IN SOA b. c. (1\n 1h ; note\n 1m 1d 60\n)", "a. 60 IN SOA b. c. 1 3600 60 86400 60"),
    ("@ 60 IN A 192.0.2.1", ". 60 IN A 192.0.2.1"), ("a. 60 IN CNAME @", "a. 60 IN CNAME ."),
    ("a. 60 IN TXT a\"b\"c", "a. 60 IN TXT a b c"),
    ("a. 60 IN CAA 0 issue ca.example", "a. 60 IN CAA 0 issue \"ca.example\""),
    (
      "a. 60 IN TXT \(String(repeating: "x", count: 300))",
      "a. 60 IN TXT \(String(repeating: "x", count: 255)) \(String(repeating: "x", count: 45))"
    ),
  ]

  @Test(arguments: variants)
  func `what CoreDNS reads is read`(text: String, same: String) throws {
    let record = try #require(try RecordReader.read(MarkedText(text)))
    #expect(record.wire == (try PresentationRecord(text: same).wire()))
  }

  static let wrong = [
    "a.", "a. 60", "a. 60 IN", "a. 60 IN A", "a. 60 IN A 192.0.2", "a. 60 IN A 192.0.2.256",
    "a. 60 IN A ::1", "a. 60 IN AAAA 192.0.2.1",
    "a. 60 IN A 192.0.2.1 192.0.2.2", "a. 60 IN AAA 192.0.2.1", " a. 60 IN A 192.0.2.1",
    " 60 IN A 192.0.2.1", "a. 60 CH A 192.0.2.1",
    "a. 60 IN MX 65536 b.", "a. 60 IN MX -1 b.", "a. 60 IN MX b.", "a. 4294967296 IN A 192.0.2.1",
    "a. 2147483648 IN A 192.0.2.1",
    "a. 60 IN TXT", "a. 60 IN TXT \"a", "a. 60 IN SOA b. c. 4294967296 1 1 1 1",
    "a. 60 IN SOA b. c. (1 1 1 1 1", "a. 60 IN SOA b. c. 1 1 1 1 1)",
    "a..b. 60 IN A 192.0.2.1", "\(String(repeating: "a", count: 64)). 60 IN A 192.0.2.1",
    "\(String(repeating: "a.", count: 128)) 60 IN A 192.0.2.1",
    "a\\256. 60 IN A 192.0.2.1", "a\\25. 60 IN A 192.0.2.1", "a. 60 IN CNAME \\",
    "\"a.\" 60 IN A 192.0.2.1", "a. 60 60 IN A 192.0.2.1",
    "a. IN IN A 192.0.2.1", "a. 60 IN ANY x", "a. 60 IN OPT x", "a. 60 IN AXFR",
    "a. 60 IN TYPE65280 \\# 3 0102", "a. 60 IN TYPE65280 \\# 1 zz",
    "a. 60 IN TYPE65280 \\#", "a. 60 IN TYPE65280 x", "a. 60 IN HTTPS x", "a. 60 IN DS 1 8 2",
    "a. 60 IN \"A\" 192.0.2.1", "a. 60 IN A \"192.0.2.1\"",
    "a. 60 IN CAA 256 issue \"x\"", "a. 60 IN CAA 0 \(String(repeating: "x", count: 256)) \"x\"",
    "$ORIGIN a.", "$TTL 60", "a. 60 IN A 192.0.2.1\u{1}",
  ]

  @Test(arguments: wrong)
  func `what is no record is refused`(text: String) {
    #expect(throws: RecordProblem.self) { try RecordReader.read(MarkedText(text)) }
  }

  @Test(arguments: ["", "\n", "  \n\t\n", "; note", " ; note\n"])
  func `a text may have no record`(text: String) throws {
    #expect(try RecordReader.read(MarkedText(text)) == nil)
  }
}
