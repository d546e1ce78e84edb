import Corefile
import Plugins
import Testing

/// What is said of a `forward` directive that is wrong or doubtful.
@Suite struct ForwardErrorTests {
  /// A line of the block, which begins on line 3, column 3, and the diagnostic.
  static let lines: [(String, String)] = [
    ("except", "3:3: error: found no arguments, expected at least 1 argument after except"),
    ("except a..b", "3:10: error: found \"a..b\", expected no empty label in a zone"),
    ("force_tcp yes", "3:13: error: found \"yes\", but force_tcp takes no arguments"),
    ("prefer_udp 1", "3:14: error: found \"1\", but prefer_udp takes no arguments"),
    ("next_on_nodata a", "3:18: error: found \"a\", but next_on_nodata takes no arguments"),
    (
      "failfast_all_unhealthy_upstreams x",
      "3:36: error: found \"x\", but failfast_all_unhealthy_upstreams takes no arguments"
    ),
    ("expire", "3:3: error: found no arguments, expected 1 argument after expire"),
    (
      "expire 10",
      "3:10: error: found \"10\", expected a duration with a unit from 0s to 24h: "
        + "\"10s\"?"
    ),
    ("expire -1s", "3:10: error: found \"-1s\", expected a duration from 0s to 24h"),
    ("expire 25h", "3:10: error: found \"25h\", expected a duration from 0s to 24h"),
    (
      "expire soon",
      "3:10: error: found \"soon\", expected a duration like 5s, 500ms or 1m30s from "
        + "0s to 24h"
    ),
    ("max_age 9s", "3:3: error: max_age is shorter than expire (10s); expected at least as long"),
    (
      "max_age 2d",
      "3:11: error: found \"2d\", expected a duration like 5s, 500ms or 1m30s from 0s "
        + "to 24h"
    ),
    ("read_timeout 0", "3:16: error: found \"0\", expected a duration from 1ms to 24h"),
    (
      "max_idle_conns -1", "3:18: error: found \"-1\", expected a whole number from 0 to 4294967295"
    ),
    (
      "max_fails 4294967296",
      "3:13: error: found \"4294967296\", expected a whole number from 0 to 4294967295"
    ),
    ("max_fails two", "3:13: error: found \"two\", expected a whole number from 0 to 4294967295"),
    (
      "max_connect_attempts 1.5",
      "3:24: error: found \"1.5\", expected a whole number from 0 to 4294967295"
    ),
    ("max_concurrent", "3:3: error: found no arguments, expected 1 argument after max_concurrent"),
    ("max_concurrent 1 2", "3:20: error: found \"2\", expected 1 argument after max_concurrent"),
    (
      "policy roundrobin",
      "3:10: error: found \"roundrobin\", expected one of random, round_robin, "
        + "sequential; did you mean \"round_robin\"?"
    ),
    ("health_check 0", "3:16: error: found \"0\", expected a duration from 1ms to 24h"),
    (
      "health_check",
      "3:3: error: found no arguments, expected at least 1 argument after "
        + "health_check"
    ),
    (
      "health_check 5s norec",
      "3:19: error: found \"norec\", expected one of no_rec, domain; did you "
        + "mean \"no_rec\"?"
    ),
    ("health_check 5s domain", "3:19: error: found nothing after domain, expected a domain name"),
    (
      "health_check 5s domain a..b",
      "3:26: error: found \"a..b\", expected no empty label in a zone"
    ),
    (
      "health_check 5s domain 10.0.0.0/8",
      "3:26: error: found \"10.0.0.0/8\", expected a domain "
        + "name"
    ),
    ("next", "3:3: error: found no arguments, expected at least 1 argument after next"),
    (
      "next NXDOMIAN",
      "3:8: error: found \"NXDOMIAN\", expected a response code such as NXDOMAIN, "
        + "SERVFAIL or REFUSED; did you mean \"NXDOMAIN\"?"
    ),
    (
      "next 3",
      "3:8: error: found \"3\", expected a response code such as NXDOMAIN, SERVFAIL or "
        + "REFUSED"
    ),
    (
      "failover SERVFAIL NOERROR",
      "3:3: error: NOERROR cannot be used with failover: it is no failure"
    ),
    ("tls a b c d", "3:13: error: found \"d\", expected at most 3 arguments after tls"),
    ("tls_servername", "3:3: error: found no arguments, expected 1 argument after tls_servername"),
    (
      "tls_servername 192.0.2.1",
      "3:18: error: found \"192.0.2.1\", expected the host name in the "
        + "server's certificate"
    ),
    ("source_address eth0", "3:18: error: found \"eth0\", expected an address of this host"),
    (
      "source_address 192.0.2.1:53",
      "3:18: error: found \"192.0.2.1:53\", expected an address of this host"
    ),
    ("resolver", "3:3: error: found no arguments, expected at least 1 argument after resolver"),
    (
      "resolver 192.0.2.1 dns.example",
      "3:22: error: found \"dns.example\", expected an address, "
        + "with a port or without"
    ),
    ("resolver 192.0.2.1:0", "3:12: error: found \"0\" after ':', expected a port from 1 to 65535"),
    (
      "doh_method GET",
      "3:3: error: doh_method belongs to DNS over HTTPS, which is not built yet for "
        + "upstreams"
    ),
    (
      "max_fail 3",
      "3:3: error: found the option \"max_fail\", which forward does not have; did you "
        + "mean \"max_fails\"?"
    ),
    ("force_tcp {\n    x\n  }", "4:5: error: found \"x\", but force_tcp takes no options"),
  ]

  @Test(arguments: lines)
  func `a wrong line is told`(line: String, message: String) throws {
    #expect(try ForwardReading.failure("forward . 192.0.2.1 {\n  \(line)\n}") == message)
  }

  @Test func `an unknown option that is near none lists all`() throws {
    let message = try ForwardReading.failure("forward . 192.0.2.1 {\n  zzzzzzzzzz\n}")
    #expect(message.hasPrefix("3:3: error: found the option \"zzzzzzzzzz\", expected one of "))
    for name in ["except", "max_age", "next_on_nodata", "resolver"] {
      #expect(message.contains(name))
    }
  }

  @Test(arguments: [
    ("forward", "2:1: error: found no arguments, expected at least 2 arguments after forward"),
    ("forward a..b 192.0.2.1", "2:9: error: found \"a..b\", expected no empty label in a zone"),
    (
      "forward . tls://192.0.2.1%a.b {\n  tls_servername c.d\n}",
      "2:11: error: found a server name in \"tls://192.0.2.1%a.b\" besides tls_servername at "
        + "Corefile:3:18, expected one of them"
    ),
  ])
  func `a wrong directive is told`(text: String, message: String) throws {
    #expect(try ForwardReading.failure(text) == message)
  }

  @Test(arguments: [
    ("tls ca.pem", "192.0.2.1", "3:3: warning: tls has no effect: no target has tls:// before it"),
    (
      "tls_servername a.b", "192.0.2.1",
      "3:3: warning: tls_servername has no effect: no target has tls:// before it"
    ),
    (
      "resolver 192.0.2.3", "192.0.2.1",
      "3:3: warning: resolver has no effect: no target is a host name"
    ),
    (
      "prefer_udp\n  force_tcp", "192.0.2.1",
      "3:3: warning: prefer_udp has no effect besides force_tcp"
    ),
  ])
  func `an option without effect is told`(line: String, target: String, message: String) throws {
    let found = try ForwardReading.option(line, to: target)
    #expect(found.warnings.map { "\($0)" } == ["Corefile:" + message])
  }
}
