import DNSWire
import PluginChain
import Testing

/// `hosts` in a Corefile: every option, and every way to get one wrong.
@Suite struct HostsDirectiveTests {
  static let good = [
    SetUpCase("hosts"),
    SetUpCase("hosts {\n}"),
    SetUpCase("hosts hosts.txt"),
    SetUpCase("hosts /etc/hosts example.org 10.0.0.0/9 2001:db8::/32"),
    SetUpCase("hosts {\nttl 1\nreload 0\nno_reverse\nfallthrough\nfallthrough_unsupported\n}"),
    SetUpCase("hosts {\nttl 65535\nreload 300ms\nfallthrough example.org in-addr.arpa\n}"),
    SetUpCase("hosts {\nreload 1h30m\n}"),
    SetUpCase("hosts {\nfallthrough_unsupported\nfallthrough\n}"),
    SetUpCase("hosts {\n192.0.2.1 a.example A.Example. b\n2001:db8::1 a.example\nfallthrough\n}"),
    SetUpCase("hosts {\nfe80::1%eth0 router\n::ffff:192.0.2.1 mapped *.example\n}"),
    // The options that are no lines of a hosts file may stand behind `fallthrough`.
    SetUpCase("hosts {\nfallthrough\nttl 60\nreload 1s\nno_reverse\n}"),
    SetUpCase(
      "hosts /etc/hosts example.org {\n192.0.2.1 www.example.net www.example.org\n}",
      "3:11: warning: www.example.net is in none of the zones"),
  ]

  static let bad = [
    SetUpCase("hosts\nhosts", "3:1: error: hosts stands twice"),
    SetUpCase("hosts /etc/hosts a..b", "2:18: error: "),
    SetUpCase("hosts {\nttl\n}", "3:1: error: found no arguments, expected 1 argument after ttl"),
    SetUpCase("hosts {\nttl 0\n}", "3:5: error: found \"0\", expected a whole number from 1"),
    SetUpCase("hosts {\nttl 65536\n}", "3:5: error: ...to 65535"),
    SetUpCase("hosts {\nttl -1\n}", "3:5: error: found \"-1\""),
    SetUpCase("hosts {\nttl 1m\n}", "3:5: error: found \"1m\""),
    SetUpCase("hosts {\nttl 60 70\n}", "3:8: error: found \"70\""),
    SetUpCase("hosts {\nreload\n}", "3:1: error: found no arguments"),
    SetUpCase("hosts {\nreload 5\n}", "3:8: error: ...\"5s\"?"),
    SetUpCase("hosts {\nreload -5s\n}", "3:8: error: ...from 0s"),
    SetUpCase("hosts {\nreload 9000h\n}", "3:8: error: ...to 8760h"),
    SetUpCase("hosts {\nreload 5s 6s\n}", "3:11: error: found \"6s\""),
    SetUpCase("hosts {\nno_reverse yes\n}", "3:12: error: ...takes no arguments"),
    SetUpCase("hosts {\nfallthrough a..b\n}", "3:13: error: "),
    SetUpCase(
      "hosts {\nfallthrough_unsupported a\nfallthrough\n}", "3:25: error: ...takes no arguments"),
    SetUpCase(
      "hosts {\nfallthrough_unsupported\n}", "3:1: error: fallthrough_unsupported needs"),
    SetUpCase("hosts {\nfalltrough\n}", "3:1: error: ...did you mean \"fallthrough\"?"),
    SetUpCase("hosts {\nupstream\n}", "3:1: error: ...expected one of hosts's: fallthrough, "),
    SetUpCase(
      "hosts {\n192.0.2.256 a\n}", "3:1: error: found \"192.0.2.256\", expected an address"),
    SetUpCase("hosts {\n10.1 a\n}", "3:1: error: found \"10.1\", expected an address"),
    SetUpCase("hosts {\n2001:db8::1::2 a\n}", "3:1: error: ...expected an address or an option"),
    SetUpCase("hosts {\n192.0.2.1\n}", "3:1: error: found no name behind 192.0.2.1"),
    SetUpCase("hosts {\n192.0.2.1 good a..b\n}", "3:16: error: found \"a..b\", expected a host"),
    SetUpCase("hosts {\n192.0.2.1 .\n}", "3:11: error: found \".\", expected a host name"),
    SetUpCase("hosts {\n192.0.2.1 a\\.b\n}", "3:11: error: found \"a\\.b\", expected a host name"),
    SetUpCase(
      "hosts {\nfallthrough\n192.0.2.1 a\n}", "4:1: error: ...behind fallthrough: CoreDNS reads"),
  ]

  @Test(arguments: good + bad)
  func `a directive says what it has to`(row: SetUpCase) {
    #expect(row.differences().isEmpty, "\(row.differences())")
  }

  @Test func `names of its zones are followed here, but for the root`() {
    func zones(_ text: String) -> [String] {
      SetUpCorefile(text).setup.ownZones.zones.map(\.description)
    }
    #expect(zones(".:53 {\nhosts\n}\n").isEmpty)
    #expect(zones("lan:53 {\nhosts\n}\n") == ["lan."])
    #expect(
      zones(".:53 {\nhosts /etc/hosts a.example . b.example {\nfallthrough\n}\n}\n")
        == ["a.example.", "b.example."])
  }
}
