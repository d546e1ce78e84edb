import Plugins
import TestSupport
import Testing

/// The format of resolv.conf(5), as far as it names servers.
@Suite struct ResolvConfTests {
  private static func read(_ text: String) -> ResolvConf {
    ResolvConf(parsing: Array(text.utf8)) { $0 == "eth0" ? 2 : UInt32($0) }
  }

  static let texts: [(String, [String], [String])] = [
    ("nameserver 192.0.2.1\n", ["192.0.2.1:53"], []),
    ("nameserver 192.0.2.1", ["192.0.2.1:53"], []),
    ("nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n", ["192.0.2.1:53", "192.0.2.2:53"], []),
    ("  nameserver\t 192.0.2.1 \t\n", ["192.0.2.1:53"], []),
    ("nameserver 192.0.2.1 192.0.2.2\n", ["192.0.2.1:53"], []),
    ("nameserver 2001:DB8::1\nnameserver ::1\n", ["[2001:db8::1]:53", "[::1]:53"], []),
    ("nameserver ::ffff:192.0.2.1\n", ["192.0.2.1:53"], []),
    ("nameserver fe80::1%eth0\nnameserver fe80::2%7\n", ["[fe80::1%2]:53", "[fe80::2%7]:53"], []),
    ("nameserver 192.0.2.1\nnameserver 192.0.2.1\n", ["192.0.2.1:53"], []),
    ("# nameserver 192.0.2.1\n; nameserver 192.0.2.2\n#nameserver 192.0.2.3\n", [], []),
    (
      "nameserver 192.0.2.1 # one\nnameserver 192.0.2.2;two\n", ["192.0.2.1:53", "192.0.2.2:53"], []
    ),
    ("search a.example\ndomain b\noptions ndots:5 timeout:1\nsortlist 10.0.0.0\nfoo\n\n", [], []),
    ("nameservers 192.0.2.1\nNAMESERVER 192.0.2.1\n", [], []),
    ("", [], []), ("\n\n \n", [], []),
    ("nameserver\n", [], ["line 1 names no address (\"\")"]),
    (
      "\nnameserver dns.example\nnameserver 192.0.2.1\n", ["192.0.2.1:53"],
      ["line 2 names no address (\"dns.example\")"]
    ),
    ("nameserver 192.0.2.1:53\n", [], ["line 1 names no address (\"192.0.2.1:53\")"]),
    (
      "nameserver 192.0.2.1%eth0\n", [],
      ["line 1 names an interface that is not there (\"192.0.2.1%eth0\")"]
    ),
    (
      "nameserver fe80::1%eth9\n", [],
      ["line 1 names an interface that is not there (\"fe80::1%eth9\")"]
    ),
    (
      "nameserver fe80::1%\n", [],
      ["line 1 names an interface that is not there (\"fe80::1%\")"]
    ),
  ]

  @Test(arguments: texts)
  func `name servers are read`(text: String, servers: [String], problems: [String]) {
    let found = Self.read(text)
    #expect(found.servers.map(\.text) == servers)
    #expect(found.problems == problems)
  }

  @Test func `sixteen servers are one too many`() {
    let lines = (1...16).map { "nameserver 192.0.2.\($0)\n" }
    let found = Self.read(lines.joined())
    #expect(found.servers.map(\.text) == (1...15).map { "192.0.2.\($0):53" })
    #expect(found.problems == ["line 16 is one name server more than 15"])
  }

  @Test func `problems are bounded`() {
    let found = Self.read(String(repeating: "nameserver x\n", count: 10_000))
    #expect(found.problems.count == 15)
  }

  @Test func `any octets are read`() {
    var generator = SeededGenerator(seed: 7)
    let words = ["nameserver ", "192.0.2.1", "fe80::1", "%", "\n", "#", " ", "\u{0}", "\u{FF}"]
    for _ in 0..<2000 {
      let text = (0..<12).compactMap { _ in words.randomElement(using: &generator) }.joined()
      let found = Self.read(text)
      #expect(found.servers.count <= 12 && found.problems.count <= 12)
    }
  }

  // MARK: - Files

  @Test func `a file is read`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("nameserver 192.0.2.1\n", to: "resolv.conf")
    #expect(try ResolvConf.read(path).servers.map(\.text) == ["192.0.2.1:53"])
  }

  @Test func `a file has a limit`() throws {
    let folder = try TemporaryFolder()
    let line = "nameserver 192.0.2.1\n"
    let fill = String(repeating: "#", count: ResolvConf.octetCountMax - line.utf8.count)
    let largest = try folder.write(line + fill, to: "largest")
    #expect(try ResolvConf.read(largest).servers.count == 1)
    let larger = try folder.write(line + fill + "#", to: "larger")
    let failure = #expect(throws: (any Error).self) { try ResolvConf.read(larger) }
    #expect("\(String(describing: failure))".contains("larger than 64 KiB"))
  }
}
