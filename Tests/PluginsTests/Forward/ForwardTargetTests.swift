import Corefile
import Plugins
import TestSupport
import Testing

/// What can stand for TO.
@Suite struct ForwardTargetTests {
  static let good: [(String, [String])] = [
    ("192.0.2.1", ["192.0.2.1:53"]), ("192.0.2.1:5353", ["192.0.2.1:5353"]),
    ("2001:DB8::1", ["[2001:db8::1]:53"]), ("[2001:db8::1]", ["[2001:db8::1]:53"]),
    ("[2001:db8::1]:5353", ["[2001:db8::1]:5353"]), ("::1", ["[::1]:53"]),
    ("::ffff:192.0.2.1", ["192.0.2.1:53"]), ("[::ffff:192.0.2.1]:54", ["192.0.2.1:54"]),
    ("dns://192.0.2.1", ["192.0.2.1:53"]), ("DNS://[::1]:54", ["[::1]:54"]),
    ("fe80::1%7", ["[fe80::1%7]:53"]), ("[fe80::1%7]:54", ["[fe80::1%7]:54"]),
    ("tls://192.0.2.1", ["tls://192.0.2.1:853"]),
    ("tls://192.0.2.1:8853", ["tls://192.0.2.1:8853"]),
    ("tls://192.0.2.1%dns.example", ["tls://192.0.2.1:853 dns.example"]),
    ("tls://192.0.2.1%DNS.Example.:8853", ["tls://192.0.2.1:8853 dns.example"]),
    ("tls://192.0.2.1:8853%dns.example", ["tls://192.0.2.1:8853 dns.example"]),
    ("tls://2001:db8::1%dns.example", ["tls://[2001:db8::1]:853 dns.example"]),
    ("tls://[2001:db8::1]:8853%dns.example", ["tls://[2001:db8::1]:8853 dns.example"]),
    ("tls://[2001:db8::1%dns.example]:8853", ["tls://[2001:db8::1]:8853 dns.example"]),
    ("dns.example", ["host dns.example.:53"]), ("DNS.example.:5353", ["host dns.example.:5353"]),
    ("dns://resolver", ["host resolver.:53"]), ("my_dns-1.a3", ["host my_dns-1.a3.:53"]),
    ("a27.0.0.a1", ["host a27.0.0.a1.:53"]),
    ("tls://dns.example", ["tls://host dns.example.:853 dns.example"]),
    ("tls://dns.example:8853%other.example", ["tls://host dns.example.:8853 other.example"]),
    ("/etc/resolv.conf", ["file /etc/resolv.conf"]), ("./servers", ["file ./servers"]),
    ("dns:///run/servers", ["file /run/servers"]),
    // The tests run in the package's folder: this is a file that is there.
    ("Package.swift", ["file Package.swift"]),
    (
      "192.0.2.1 dns.example /etc/resolv.conf 192.0.2.1",
      ["192.0.2.1:53", "host dns.example.:53", "file /etc/resolv.conf", "192.0.2.1:53"]
    ),
    (
      Array(repeating: "192.0.2.1", count: 15).joined(separator: " "),
      Array(repeating: "192.0.2.1:53", count: 15)
    ),
  ]

  @Test(arguments: good)
  func `a target is read`(text: String, words: [String]) throws {
    let configuration = try ForwardReading.configuration("forward . \(text)")
    #expect(configuration.targets.map(\.words) == words)
    #expect(configuration.warnings.isEmpty)
  }

  /// The targets behind `forward . `, which are on line 2, column 11, and the diagnostic.
  static let bad: [(String, String)] = [
    (
      "https://192.0.2.1",
      "2:11: error: found \"https://192.0.2.1\", but DNS over HTTPS to upstreams "
        + "is not built yet: expected tls://, dns:// or no scheme"
    ),
    (
      "quic://192.0.2.1",
      "2:11: error: found the scheme \"quic://\", expected dns://, tls:// or none"
    ),
    ("unix:///run/a", "2:11: error: found the scheme \"unix://\", expected dns://, tls:// or none"),
    (
      "tls://",
      "2:11: error: found \"tls://\", expected an address, a host name or the path of a "
        + "file"
    ),
    (
      "192.0.2.256",
      "2:11: error: found \"192.0.2.256\", expected an address, a host name or the "
        + "path of a file"
    ),
    (
      "192.0.2",
      "2:11: error: found \"192.0.2\", expected an address, a host name or the path of a "
        + "file"
    ),
    (
      "192.0.2.0/24",
      "2:11: error: found \"192.0.2.0/24\", expected an address, a host name or the "
        + "path of a file"
    ),
    ("a..b", "2:11: error: found \"a..b\", expected an address, a host name or the path of a file"),
    (".", "2:11: error: found \".\", expected an address, a host name or the path of a file"),
    (
      "d\u{F6}ns",
      "2:11: error: found \"d\u{F6}ns\", expected an address, a host name or the path of "
        + "a file"
    ),
    ("192.0.2.1:0", "2:11: error: found \"0\" after ':', expected a port from 1 to 65535"),
    ("192.0.2.1:65536", "2:11: error: found \"65536\" after ':', expected a port from 1 to 65535"),
    ("192.0.2.1:", "2:11: error: found \"\" after ':', expected a port from 1 to 65535"),
    ("dns.example:dns", "2:11: error: found \"dns\" after ':', expected a port from 1 to 65535"),
    (
      "2001:db8::1::2",
      "2:11: error: found \"2001:db8::1::2\", expected an IPv6 address; with a port "
        + "it is [ADDRESS]:PORT"
    ),
    ("[192.0.2.1]:53", "2:11: error: found \"192.0.2.1\" in brackets, expected an IPv6 address"),
    ("[::1]x", "2:11: error: found \"[::1]x\", expected [ADDRESS]:PORT"),
    (
      "[::1",
      "2:11: error: found \"[::1\", expected an IPv6 address; with a port it is "
        + "[ADDRESS]:PORT"
    ),
    (
      "192.0.2.1%dns.example",
      "2:11: error: found '%' in \"192.0.2.1%dns.example\", but only tls:// "
        + "takes a server name"
    ),
    (
      "dns.example%other",
      "2:11: error: found '%' in \"dns.example%other\", but only tls:// takes a "
        + "server name"
    ),
    (
      "::1%no-interface",
      "2:11: error: found \"no-interface\" after '%', expected an interface with "
        + "a link-local address; a server name needs tls://"
    ),
    ("tls://192.0.2.1%", "2:11: error: found nothing after '%' in \"tls://192.0.2.1%\""),
    (
      "tls://192.0.2.1:1%a.b:2",
      "2:11: error: found \"tls://192.0.2.1:1%a.b:2\", expected one port "
        + "at most"
    ),
    ("tls://[::1%a]%b", "2:11: error: found \"tls://[::1%a]%b\", expected one % at most"),
    (
      "tls://192.0.2.1%192.0.2.1",
      "2:11: error: found \"192.0.2.1\", expected the host name in the "
        + "server's certificate"
    ),
    (
      "tls:///etc/resolv.conf",
      "2:11: error: found \"tls:///etc/resolv.conf\", but the servers of a "
        + "file are asked with plain DNS: expected no tls:// before its path"
    ),
    (
      "192.0.2.1 192.0.2.1:x", "2:21: error: found \"x\" after ':', expected a port from 1 to 65535"
    ),
    (
      Array(repeating: "192.0.2.1", count: 16).joined(separator: " "),
      "2:161: error: found 16 targets, expected at most 15"
    ),
    ("", "2:1: error: found 1 argument, expected at least 2 arguments after forward"),
  ]

  @Test(arguments: bad)
  func `a wrong target is told`(text: String, message: String) throws {
    #expect(try ForwardReading.failure("forward . \(text)") == message)
  }
}
