import Corefile
import DNSWire
import Plugins
import Testing

/// Traps: told where they are, and not told where they are none.
@Suite struct TrapTests {
  /// A Corefile and its traps, each `line:column: severity: ` and a part of the message.
  struct Row: Sendable, CustomTestStringConvertible {
    let text: String
    let expected: [String]

    init(_ text: String, _ expected: String...) {
      self.text = text
      self.expected = expected
    }

    var testDescription: String { text.debugDescription }
  }

  static let forwarding = [
    // The server block itself.
    Row(". {\nforward . 127.0.0.1\n}", "2:11: warning: ...127.0.0.1 with port 53 is this server"),
    Row(". {\nforward . 127.0.0.53\n}", "2:11: warning: ...in a loop"),
    Row(". {\nforward . ::1\n}", "2:11: warning: ...in a loop"),
    Row(". {\nforward . 192.0.2.1 192.0.2.7\n}", "2:21: warning: ...192.0.2.7"),
    Row(".:1053 {\nforward . 127.0.0.1:1053\n}", "2:11: warning: ...port 1053"),
    Row(". {\nproxy . 127.0.0.1\n}", "2:9: warning: ...in a loop"),
    Row(
      "example.org {\nforward . 127.0.0.1\n}", "2:11: warning: ...in a loop"),
    Row(". {\nbind lo\nforward . 127.0.0.1\n}", "3:11: warning: ...in a loop"),
    Row(". {\nbind 0.0.0.0\nforward . 127.0.0.1\n}", "3:11: warning: ...in a loop"),
    // Another one, or another server.
    Row(".:1053 {\nforward . 127.0.0.53\n}"),
    Row(". {\nbind 192.0.2.7\nforward . 127.0.0.53\n}"),
    Row(". {\nforward . tls://127.0.0.1\n}"),
    Row(". {\nforward . 192.0.2.1\n}"),
    Row(". {\nforward . 127.0.0.1:5300\n}\n.:5300 {\nwhoami\n}"),
    Row(". {\nforward example.org 127.0.0.1\n}\nexample.org {\nwhoami\n}"),
    Row("example.net {\nforward example.org 127.0.0.1\n}"),
    // Files.
    Row(". {\nforward . /run/stub.conf\n}", "2:11: warning: .../run/stub.conf on this machine"),
    Row(".:1053 {\nforward . /run/stub.conf\n}", "2:11: info: ...a container would not reach"),
    Row(". {\nforward . /etc/resolv.conf\n}"),
    // Behind another.
    Row(
      ". {\nforward . 192.0.2.1\nforward example.org 192.0.2.2\n}",
      "3:1: warning: ...never asked: the one in line 2"),
    Row(". {\nforward example.org 192.0.2.1\nforward . 192.0.2.2\n}"),
    Row(". {\nforward . 192.0.2.1 {\nexcept example.org\n}\nforward example.org 192.0.2.2\n}"),
    Row(". {\nforward . 192.0.2.1 {\nnext NXDOMAIN\n}\nforward . 192.0.2.2\n}"),
    Row(". {\nforward . 192.0.2.1 {\nnext_on_nodata\n}\nforward . 192.0.2.2\n}"),
    // loop
    Row(". {\nloop\n}", "2:1: warning: loop has nothing to find"),
    Row(". {\nloop\nforward . 192.0.2.1\n}"),
  ]

  /// What a cluster's Corefile has, so that only the line in question is told.
  static let rest = "health\nready\nreload\n"

  static let cluster = [
    Row(
      ". {\n\(rest)kubernetes cluster.local in-addr.arpa ip6.arpa\nforward . 192.0.2.1\n}",
      "5:26: warning: ...fallthrough in-addr.arpa", "5:39: warning: ...fallthrough ip6.arpa"),
    Row(
      ". {\n\(rest)kubernetes cluster.local in-addr.arpa ip6.arpa {\n"
        + "fallthrough in-addr.arpa\n}\nforward . 192.0.2.1\n}",
      "5:39: warning: ...fallthrough ip6.arpa"),
    Row(
      ". {\n\(rest)kubernetes cluster.local in-addr.arpa {\nfallthrough\n}\nforward . 192.0.2.1\n}",
      "6:1: info: ...without zones fallthrough sends"),
    Row(". {\n\(rest)kubernetes cluster.local in-addr.arpa\n}"),
    Row(". {\n\(rest)kubernetes cluster.local 10.0.0.0/8\nforward . 192.0.2.1\n}"),
    Row(
      ". {\n\(rest)kubernetes\nforward . 192.0.2.1\n}",
      "5:1: warning: ...answers for all names of the server block"),
    Row("cluster.local {\n\(rest)kubernetes\n}\n. {\nforward . 192.0.2.1\n}"),
    Row(
      ". {\n\(rest)kubernetes cluster.local\ncache 30\n}", "6:1: info: fine here: ...never cached"),
    Row(". {\n\(rest)kubernetes cluster.local\ncache {\ndisable success cluster.local\n}\n}"),
    Row(". {\n\(rest)cache 30\nforward . 192.0.2.1\n}"),
    Row(". {\nkubernetes cluster.local\n}", "2:1: info: ...has health, ready, reload: "),
    Row(
      ". {\nready\nkubernetes cluster.local\n}\n.:1053 {\nhealth\n}", "3:1: info: ...has reload:"),
    Row(
      ". {\n\(rest)kubernetes cluster.local\nprometheus\n}",
      "6:1: info: ...only the pod itself can read"),
    Row(". {\n\(rest)kubernetes cluster.local\nprometheus :9153\n}"),
    Row(". {\nprometheus\n}"),
    Row(
      ". {\nhosts {\nttl 60\n}\nforward . 192.0.2.1\n}",
      "2:1: warning: without fallthrough hosts fails...forward will not be asked"),
    Row(
      "example.org a.example {\nhosts /etc/hosts example.org\nforward . 192.0.2.1\n}",
      "2:1: warning: ...forward"),
    Row(". {\nhosts /etc/hosts example.org\nforward . 192.0.2.1\n}"),
    Row(". {\nhosts {\nfallthrough\n}\nforward . 192.0.2.1\n}"),
    Row(". {\nhosts\nwhoami\n}"),
    Row(". {\nbind 192.0.2.8 192.0.2.7 lo 127.0.0.9\n}", "2:6: info: ...has 192.0.2.8"),
    Row(
      ". {\ntemplate IN AAAA {\nrcode NXDOMAIN\n}\n}",
      "2:1: warning: NXDOMAIN for AAAA says that the name does not exist"),
    Row(". {\ntemplate IN AAAA {\nrcode NOERROR\n}\n}"),
    Row(". {\ntemplate ANY ANY example.org {\nrcode NXDOMAIN\n}\n}"),
  ]

  @Test(arguments: forwarding + cluster)
  func `traps`(row: Row) {
    let corefile = parseCorefile(
      row.text, file: "Corefile", environment: [:], files: DiskFiles())
    #expect(!corefile.hasErrors)
    let found = findTraps(corefile.blocks, machine: CorpusTests.machine).map(\.description)
    #expect(found.count == row.expected.count, "\(found)")
    for (line, wanted) in zip(found, row.expected) {
      let parts = wanted.split(separator: "...").map(String.init)
      let start = "Corefile:" + (parts.first ?? "")
      let fits = line.hasPrefix(start) && parts.allSatisfy(line.contains)
      #expect(fits, "\(line), expected \(wanted)")
    }
  }

  @Test func `the port of zones without one counts`() {
    let corefile = parseCorefile(
      ". {\nforward . 127.0.0.1:5353\n}", file: "Corefile", environment: [:], files: DiskFiles())
    let machine = CorpusTests.machine
    #expect(findTraps(corefile.blocks, machine: machine).isEmpty)
    #expect(findTraps(corefile.blocks, defaultPort: 5353, machine: machine).count == 1)
  }

  @Test func `this machine knows its loopback`() throws {
    let corefile = parseCorefile(
      ". {\nbind 203.0.113.200 127.0.0.1\nforward . 127.0.0.1\n}", file: "Corefile",
      environment: [:], files: DiskFiles())
    let found = findTraps(corefile.blocks, machine: .here)
    #expect(found.map(\.severity) == [.warning, .info])
  }
}
