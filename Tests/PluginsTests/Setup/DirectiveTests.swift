import Corefile
import DNSWire
import PluginChain
import Plugins
import Testing

/// Directives of the plugins without a cluster: good ones are silent, bad ones are told where and
/// what.
@Suite struct DirectiveTests {
  static let cases: [SetUpCase] = [
    // bufsize
    SetUpCase("bufsize"), SetUpCase("bufsize 512"), SetUpCase("bufsize 4096"),
    SetUpCase("bufsize {\n}"),
    SetUpCase("bufsize 511", "2:9: error: found \"511\"...from 512 to 4096"),
    SetUpCase("bufsize 4097", "2:9: error: found \"4097\"...from 512 to 4096"),
    SetUpCase("bufsize -1232", "2:9: error: ...whole number"),
    SetUpCase("bufsize big", "2:9: error: found \"big\"...whole number"),
    SetUpCase("bufsize 512 1232", "2:13: error: found \"1232\"...at most 1 argument"),
    SetUpCase("bufsize {\n  x\n}", "3:3: error: found \"x\", but bufsize takes no options"),
    // bind
    SetUpCase("bind 127.0.0.1 ::1 lo"), SetUpCase("bind lo {\n  except 127.0.0.1 ::1\n}"),
    SetUpCase("bind lo\nbind 192.0.2.1"),
    SetUpCase("bind", "2:1: error: found no arguments...at least 1 argument after bind"),
    SetUpCase("bind lo {\n  except\n}", "3:3: error: found no arguments...after except"),
    SetUpCase("bind lo {\n  exept ::1\n}", "3:3: error: ...did you mean \"except\"?"),
    SetUpCase("bind lo {\n  except ::1 {\n    x\n  }\n}", "4:5: error: found \"x\"...no options"),
    SetUpCase("bind lo\nbind", "3:1: error: found no arguments"),
    // debug
    SetUpCase("debug"), SetUpCase("debug on", "2:7: error: found \"on\"...takes no arguments"),
    SetUpCase("debug {\n  x\n}", "3:3: error: ...takes no options"),
    // errors
    SetUpCase("errors"), SetUpCase("errors stdout"),
    SetUpCase("errors stderr", "2:8: error: found \"stderr\", expected stdout"),
    SetUpCase("errors stdout stdout", "2:15: error: ...at most 1 argument after errors"),
    SetUpCase("errors {\n  stacktrace\n}", "3:3: warning: stacktrace has no effect"),
    SetUpCase("errors {\n  consolidate 5m \".* i/o timeout$\" warning\n}"),
    SetUpCase("errors {\n  consolidate 30s \"^failed to .+\" debug show_first\n}"),
    SetUpCase("errors {\n  consolidate 30s a+ show_first\n  consolidate 1m b*\n}"),
    SetUpCase("errors {\n  consolidate 5m\n}", "3:3: error: found 1 argument...at least 2"),
    SetUpCase("errors {\n  consolidate 5 a\n}", "3:15: error: ...duration with a unit"),
    SetUpCase("errors {\n  consolidate 5m (\n}", "3:18: error: ...expected a regular expression"),
    SetUpCase(
      "errors {\n  consolidate 5m a warnin\n}", "3:20: error: ...did you mean \"warning\"?"),
    SetUpCase("errors {\n  consolidate 5m a info error\n}", "3:25: error: ...second level error"),
    SetUpCase(
      "errors {\n  consolidate 5m a show_first info\n}", "3:31: error: ...after show_first"),
    SetUpCase(
      "errors {\n  consolidate 5m \(String(repeating: "a", count: 10_001))\n}",
      "3:18: error: ...longer than 10000 octets"),
    SetUpCase("errors {\n  consolidat 5m\n}", "3:3: error: ...did you mean \"consolidate\"?"),
    SetUpCase("errors {\n  consolidate 5m (?=a)\n}", "3:18: error: ...invalid perl operator"),
    SetUpCase("errors {\n  consolidate 5m (a+)+$\n}"),
    SetUpCase("errors {\n  consolidate 5m ((a|b*)c){2,}a*b*c*d*e*f*g*\n}"),
    // chaos
    SetUpCase("chaos"), SetUpCase("chaos v a b"),
    SetUpCase("chaos v {\n  x\n}", "3:3: error: ...no options"),
    // loadbalance
    SetUpCase("loadbalance"), SetUpCase("loadbalance round_robin"), SetUpCase("loadbalance {\n}"),
    SetUpCase("loadbalance weighted file"), SetUpCase("loadbalance weighted /a {\n  reload 0\n}"),
    SetUpCase("loadbalance weighted f {\n  reload 1m\n  prefer 10.0.0.0/8 fd00::/8\n}"),
    SetUpCase("loadbalance {\n  prefer 10.9.20.5/24\n  prefer 192.168.1.0/24\n}"),
    SetUpCase("loadbalance weighted", "2:1: error: found 1 argument, expected 2 arguments"),
    SetUpCase("loadbalance weighted a b", "2:24: error: found \"b\""),
    SetUpCase("loadbalance random", "2:13: error: ...one of round_robin, weighted"),
    SetUpCase("loadbalance round_robin x", "2:25: error: found \"x\"...after loadbalance"),
    SetUpCase("loadbalance {\n  prefer\n}", "3:3: error: found no arguments...at least 1"),
    SetUpCase("loadbalance {\n  prefer 10.0.0.0\n}", "3:10: error: ...a network such as"),
    SetUpCase("loadbalance {\n  prefer 10.0.0.0/33\n}", "3:10: error: ...a network such as"),
    SetUpCase("loadbalance {\n  reload 5s\n}", "3:3: error: reload belongs to...weighted"),
    SetUpCase("loadbalance weighted f {\n  reload 5\n}", "3:10: error: ...with a unit"),
    SetUpCase("loadbalance {\n  x\n}", "3:3: error: found the option \"x\"...reload, prefer"),
    // local
    SetUpCase("local"), SetUpCase("local {\n  localhost_prefix on\n}"),
    SetUpCase("local {\n  localhost_prefix off\n}"),
    SetUpCase("local x", "2:7: error: found \"x\", but local takes no arguments"),
    SetUpCase("local {\n  localhost_prefix\n}", "3:3: error: found no arguments...1 argument"),
    SetUpCase("local {\n  localhost_prefix yes\n}", "3:20: error: ...expected one of on, off"),
    SetUpCase("local {\n  localhost_prefix on off\n}", "3:23: error: found \"off\""),
    SetUpCase("local {\n  localhost-prefix on\n}", "3:3: error: ...\"localhost_prefix\"?"),
    // whoami
    SetUpCase("whoami"), SetUpCase("whoami x", "2:8: error: found \"x\"...takes no arguments"),
    SetUpCase("whoami {\n  x\n}", "3:3: error: ...whoami takes no options"),
    // log
    SetUpCase("log"), SetUpCase("log example.org"), SetUpCase("log example.org example.net"),
    SetUpCase("log 10.0.0.0/8"), SetUpCase("log . \"{remote} {name}\""),
    SetUpCase("log . {combined}"), SetUpCase("log . \"{common} {/metadata/label}\""),
    SetUpCase("log {\n  class denial error\n  class success\n}"),
    SetUpCase("log {\n  class all\n}"),
    SetUpCase("log . {nam}", "2:7: error: there is no placeholder {nam}; did you mean {name}?"),
    SetUpCase("log . \"{zzzzzzzzz}\"", "2:7: error: there is no placeholder {zzzzzzzzz}"),
    SetUpCase("log . \"{name\"", "2:7: error: found { without }"),
    SetUpCase("log a..b", "2:5: error: found \"a..b\"...empty label"),
    SetUpCase("log {\n  class\n}", "3:3: error: found no arguments...at least 1"),
    SetUpCase("log {\n  class denied\n}", "3:9: error: ...did you mean \"denial\"?"),
    SetUpCase("log {\n  clas all\n}", "3:3: error: ...did you mean \"class\"?"),
    // ready
    SetUpCase("ready"), SetUpCase("ready {\n  monitor until-ready\n}"),
    SetUpCase("ready a b", "2:9: error: found \"b\"...at most 1 argument after ready"),
    SetUpCase("ready {\n  monitor continuously\n}"),
    SetUpCase("ready {\n  monitor\n}", "3:3: error: found no arguments...1 argument"),
    SetUpCase("ready {\n  monitor never\n}", "3:11: error: ...until-ready, continuously"),
    SetUpCase("ready {\n  monitr until-ready\n}", "3:3: error: ...did you mean \"monitor\"?"),
  ]

  static let limits: [SetUpCase] = [
    // root
    SetUpCase("root /etc"), SetUpCase("root ."),
    SetUpCase("root", "2:1: error: found no arguments...1 argument after root"),
    SetUpCase("root a b", "2:8: error: found \"b\""),
    SetUpCase("root a {\n  x\n}", "3:3: error: ...root takes no options"),
    // timeouts
    SetUpCase("timeouts {\n  read 1s\n  write 24h\n  idle 5m\n  maxtcpqueries 1\n}"),
    SetUpCase("timeouts {\n  idle 5\n}"), SetUpCase("timeouts {\n  maxtcpqueries -1\n}"),
    SetUpCase("timeouts", "2:1: error: found no options...read, write, idle, maxtcpqueries"),
    SetUpCase("timeouts {\n}", "2:1: error: found no options"),
    SetUpCase("timeouts 5s {\n  idle 5s\n}", "2:10: error: ...timeouts takes no arguments"),
    SetUpCase("timeouts {\n  read 999ms\n}", "3:8: error: ...from 1s to 24h"),
    SetUpCase("timeouts {\n  write 24h1s\n}", "3:9: error: ...from 1s to 24h"),
    SetUpCase("timeouts {\n  read 0\n}", "3:8: error: "),
    SetUpCase("timeouts {\n  idle\n}", "3:3: error: found no arguments"),
    SetUpCase("timeouts {\n  maxtcpqueries 0\n}", "3:17: error: found 0, expected -1"),
    SetUpCase("timeouts {\n  maxtcpqueries -2\n}", "3:17: error: found \"-2\""),
    SetUpCase("timeouts {\n  idel 5s\n}", "3:3: error: ...did you mean \"idle\"?"),
    // multisocket
    SetUpCase("multisocket"), SetUpCase("multisocket 1"), SetUpCase("multisocket 1024"),
    SetUpCase("multisocket 0", "2:13: error: ...from 1 to 1024"),
    SetUpCase("multisocket 1025", "2:13: error: ...from 1 to 1024"),
    SetUpCase("multisocket 1 2", "2:15: error: found \"2\""),
    // cancel
    SetUpCase("cancel"), SetUpCase("cancel 1s"), SetUpCase("cancel 1ms"),
    SetUpCase("cancel 0", "2:8: error: found \"0\""),
    SetUpCase("cancel -1s", "2:8: error: found \"-1s\""),
    SetUpCase("cancel 5", "2:8: error: ...duration with a unit"),
    SetUpCase("cancel 1s 2s", "2:11: error: found \"2s\""),
    SetUpCase("cancel {\n  x\n}", "3:3: error: ...cancel takes no options"),
    // pprof
    SetUpCase("pprof", "2:1: warning: pprof has no effect...perf(1)...prometheus"),
    SetUpCase("pprof localhost:6053 {\n  block 5\n  block\n}", "2:1: warning: "),
    SetUpCase("pprof 6053", "2:7: error: found \"6053\", expected ADDRESS:PORT"),
    SetUpCase("pprof {\n  block often\n}", "3:9: error: found \"often\"...whole number"),
    SetUpCase("pprof {\n  blok\n}", "3:3: error: ...did you mean \"block\"?"),
  ]

  @Test(arguments: cases + limits)
  func `a directive`(row: SetUpCase) {
    let differences = row.differences()
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  @Test func `bind's words reach the server block in order`() throws {
    let text = ".:53 {\n bind 127.0.0.1 lo {\n except ::1\n }\n bind 192.0.2.1\n}\n"
    let plan = try #require(SetUpCorefile(text).plans.first)
    #expect(plan.bindings.map(\.text) == ["127.0.0.1", "lo", "192.0.2.1"])
    #expect(plan.bindingExceptions.map(\.text) == ["::1"])
    #expect(plan.bindingExceptions.first?.position.line == 3)
  }

  @Test func `root and timeouts reach the server block`() throws {
    let text = """
      .:53 {
        timeouts {
          read 2s
          maxtcpqueries 7
        }
        root /srv/dns
      }
      """
    let timeouts = try #require(SetUpCorefile(text).plans.first).timeouts
    #expect(timeouts.readNanoseconds == 2_000_000_000)
    #expect(timeouts.queryCountMax == 7)
    #expect(timeouts.writeNanoseconds == nil && timeouts.idleNanoseconds == nil)
  }

  @Test(arguments: [
    (nil, "a.pem", "a.pem"), ("/srv", "a.pem", "/srv/a.pem"), ("/srv/", "b/a.pem", "/srv/b/a.pem"),
    ("/srv", "/a.pem", "/a.pem"), (".", "a.pem", "./a.pem"), ("", "a.pem", "a.pem"),
  ])
  func `relative paths start at root`(root: String?, path: String, file: String) {
    #expect(RootFolder(root).file(path) == file)
  }

  @Test func `of two limits the smaller counts`() {
    var one = StreamTimeouts()
    var two = StreamTimeouts()
    (one.readNanoseconds, one.idleNanoseconds) = (5, 2)
    (two.readNanoseconds, two.idleNanoseconds, two.queryCountMax) = (4, 3, 1)
    let both = one.tightened(by: two)
    #expect(both == two.tightened(by: one))
    #expect(both.readNanoseconds == 4 && both.idleNanoseconds == 2)
    #expect(both.writeNanoseconds == nil && both.queryCountMax == 1)
  }

  @Test func `debug lets debug lines through`() {
    #expect(SetUpCorefile(".:53 {\n debug\n}\n").log.allowsDebug)
    #expect(!SetUpCorefile(".:53 {\n whoami\n}\n").log.allowsDebug)
  }

  @Test func `zones and addresses of a server block`() throws {
    let plan = try #require(
      SetUpCorefile("Example.ORG:5300 10.0.0.0/8 {\n whoami\n}\n").plans.first)
    #expect(plan.zones.map(\.description) == ["example.org.", "10.in-addr.arpa."])
    #expect(plan.addresses.count == 2)
  }
}
