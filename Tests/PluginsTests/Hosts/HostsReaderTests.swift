import DNSWire
import Plugins
import Testing

/// The text of hosts files: what is told of it, how much memory it takes, and that nothing in it
/// does harm.
@Suite struct HostsReaderTests {
  private func reader(_ text: [UInt8], pieces: Int = .max) -> HostsReader {
    var reader = HostsReader(zones: [.root], hasReverse: true)
    var rest = text[...]
    while !rest.isEmpty {
      reader.take(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
    }
    reader.finish()
    return reader
  }

  // MARK: - Lines

  static let problems: [(text: String, expected: [String])] = [
    ("", []), ("\n\n", []), ("# all\n  # of it\n", []), ("192.0.2.1 a\r\n192.0.2.2 b\r\n", []),
    ("192.0.2.1\u{B}a\u{C}b", []), ("192.0.2.1 a#b\n", []),
    ("192.0.2.1\n", ["1: found no name behind \"192.0.2.1\""]),
    ("192.0.2.1 # a\n", ["1: found no name behind \"192.0.2.1\""]),
    ("\nfe80::1%eth0 a\nx a\n", ["3: found \"x\", expected an address"]),
    ("192.0.2.01 a", ["1: found \"192.0.2.01\", expected an address"]),
    ("192.0.2.1/24 a", ["1: found \"192.0.2.1/24\", expected an address"]),
    ("%eth0 a", ["1: found \"%eth0\", expected an address"]),
    ("a 192.0.2.1", ["1: found \"a\", expected an address"]),
    (
      "192.0.2.1 a..b c .d . e. f\\.g\n",
      [
        "1: found \"a..b\", expected a host name", "1: found \".d\", expected a host name",
        "1: found \".\", expected a host name", "1: found \"f\\.g\", expected a host name",
      ]
    ),
    ("192.0.2.1 \(String(repeating: "a", count: 63))", []),
    (
      "192.0.2.1 \(String(repeating: "a", count: 64))",
      [
        "1: found \"\(String(repeating: "a", count: 60))...\", expected a host name"
      ]
    ),
    ("192.0.2.1 \(String(repeating: "a.", count: 127))", []),
    (
      "192.0.2.1 \(String(repeating: "a.", count: 128))",
      ["1: found \"\(String(repeating: "a.", count: 30))...\", expected a host name"]
    ),
    ("# \(String(repeating: "a", count: 65_534))", []),
    ("# \(String(repeating: "a", count: 65_535))\n", ["1: the line has more than 65536 octets"]),
  ]

  @Test(arguments: problems)
  func `what is left out is told`(text: String, expected: [String]) {
    for pieces in [1, 7, Int.max] {
      let reader = reader(Array(text.utf8), pieces: pieces)
      #expect(reader.problems.map { "\($0.line): \($0.words)" } == expected)
      #expect(reader.problemCount == expected.count)
    }
  }

  @Test func `only the first problems are kept`() {
    let reader = reader(Array(String(repeating: "x y\n", count: 1_000).utf8))
    #expect(reader.problems.map(\.line) == Array(1...HostsReader.problemCountMax))
    #expect(reader.problemCount == 1_000)
  }

  @Test func `equal entries count once, a name and its address both`() {
    let reader = reader(Array("192.0.2.1 a A b *.c\n192.0.2.1 b\n::1 a\n".utf8))
    // a, b, *.c and a again; reverse names of all but the wildcard.
    #expect(reader.table().entryCount == 4 + 3)
  }

  // MARK: - Size

  @Test func `a block list of 200,000 lines takes less than twice its octets`() {
    var text: [UInt8] = []
    for number in 0..<200_000 { text += Array("0.0.0.0 ads\(number).tracker.example\n".utf8) }
    let table = reader(text, pieces: 65_536).table()
    #expect(table.entryCount == 400_000)
    #expect(table.octetCount < 2 * text.count, "\(table.octetCount) for \(text.count)")
  }

  @Test func `a host list of 50,000 addresses takes less than twice its octets`() {
    var text: [UInt8] = []
    for number in 0..<50_000 {
      text += Array("10.\(number >> 8).\(number & 255).1 node-\(number).example.org\n".utf8)
    }
    let table = reader(text, pieces: 65_536).table()
    #expect(table.entryCount == 100_000)
    #expect(table.octetCount < 2 * text.count, "\(table.octetCount) for \(text.count)")
  }

  @Test func `a name has no more addresses than a reply can carry`() {
    var text = ""
    for number in 0..<5_000 { text += "10.0.\(number >> 8).\(number & 255) a\n" }
    let reader = reader(Array(text.utf8))
    #expect(reader.problemCount == 5_000 - HostTable.addressCountMax)
    #expect(reader.problems.first?.words == "there is no room for \"a\"")
    #expect(reader.table().entryCount == 2 * HostTable.addressCountMax)
  }
}
