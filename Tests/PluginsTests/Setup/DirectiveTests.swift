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
      "errors {\n  consolidate 5m \(String(repeating: "(", count: 51))\n}",
      "3:18: error: ...more than 50 groups"),
    SetUpCase(
      "errors {\n  consolidate 5m \(String(repeating: "a", count: 10_001))\n}",
      "3:18: error: ...longer than 10000 octets"),
    SetUpCase("errors {\n  consolidat 5m\n}", "3:3: error: ...did you mean \"consolidate\"?"),
    // loadbalance
    SetUpCase("loadbalance"), SetUpCase("loadbalance round_robin"), SetUpCase("loadbalance {\n}"),
    SetUpCase("loadbalance weighted file", "2:13: error: the policy weighted is not built yet"),
    SetUpCase("loadbalance random", "2:13: error: found \"random\", expected round_robin"),
    SetUpCase("loadbalance round_robin x", "2:25: error: found \"x\"...after loadbalance"),
    SetUpCase("loadbalance {\n  prefer 10.0.0.0/8\n}", "3:3: error: ...prefer of loadbalance"),
    SetUpCase("loadbalance {\n  reload 5s\n}", "3:3: error: ...reload...not built yet"),
    SetUpCase("loadbalance {\n  x\n}", "3:3: error: found the option \"x\"...no options"),
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

  @Test(arguments: cases)
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
