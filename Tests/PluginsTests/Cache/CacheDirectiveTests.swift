import Plugins
import Testing

/// `cache` lines: good ones are silent, bad ones are told where and what.
@Suite struct CacheDirectiveTests {
  static let good: [SetUpCase] = [
    "cache", "cache 30", "cache 1", "cache 2147483647", "cache example.org", "cache 30 example.org",
    "cache 30 example.org 10.0.0.0/8", "cache 10.in-addr.arpa", "cache {\n}",
    "cache {\n  success 5000\n  denial 2500\n}", "cache {\n  success 9984 30 0\n}",
    "cache {\n  denial 0\n}", "cache {\n  success 10000000 1 5\n}", "cache {\n  prefetch 10\n}",
    "cache {\n  prefetch 0\n}", "cache {\n  prefetch 10 1m\n}", "cache {\n  prefetch 1 1m 10%\n}",
    "cache {\n  prefetch 1 0 90%\n}", "cache {\n  serve_stale\n}", "cache {\n  serve_stale 0s\n}",
    "cache {\n  serve_stale 8760h\n}", "cache {\n  serve_stale 1h immediate\n}",
    "cache {\n  serve_stale 1h VERIFY\n}", "cache {\n  serve_stale 1h immediate 0 0\n}",
    "cache {\n  serve_stale 1h immediate 30s 5m\n}", "cache {\n  serve_stale 1h verify 0 30s\n}",
    "cache {\n  serve_stale 1h verify 100ms 30s 30s\n}",
    "cache {\n  serve_stale\n  serve_stale_policy prefer_positive\n}",
    "cache {\n  serve_stale_policy Prefer_Positive\n  serve_stale\n}",
    "cache {\n  servfail 0\n}", "cache {\n  servfail 5m\n}", "cache {\n  servfail 500ms\n}",
    "cache {\n  disable success\n}", "cache {\n  disable denial example.org 10.0.0.0/8\n}",
    "cache {\n  keepttl\n}",
    // kubeadm's.
    "cache 30 {\n  disable success cluster.local\n  disable denial cluster.local\n}",
  ].map { SetUpCase($0) }

  static let bad: [SetUpCase] = [
    SetUpCase("cache 0", "2:7: error: found \"0\"...from 1 to 2147483647"),
    SetUpCase("cache -5", "2:7: error: found \"-5\"...from 1 to 2147483647"),
    SetUpCase("cache 2147483648", "2:7: error: ...from 1 to 2147483647"),
    SetUpCase("cache 30 a..b", "2:10: error: "),
    SetUpCase("cache\ncache", "3:1: error: cache stands twice"),
    SetUpCase("cache {\n  sucess 1\n}", "3:3: error: ...did you mean \"success\"?"),
    SetUpCase("cache {\n  x\n}", "3:3: error: found the option \"x\"...success, denial"),
    SetUpCase("cache {\n  success\n}", "3:3: error: found no arguments"),
    SetUpCase("cache {\n  success many\n}", "3:11: error: found \"many\"...from 0 to 10000000"),
    SetUpCase("cache {\n  success -1\n}", "3:11: error: ...from 0 to 10000000"),
    SetUpCase("cache {\n  success 10000001\n}", "3:11: error: ...from 0 to 10000000"),
    SetUpCase("cache {\n  denial 1 0\n}", "3:12: error: found \"0\"...from 1 to"),
    SetUpCase("cache {\n  denial 1 1 -1\n}", "3:14: error: ...from 0 to"),
    SetUpCase("cache {\n  denial 1 1 1 1\n}", "3:16: error: ...at most 3 arguments after denial"),
    SetUpCase("cache {\n  prefetch\n}", "3:3: error: found no arguments"),
    SetUpCase("cache {\n  prefetch -1\n}", "3:12: error: found \"-1\""),
    SetUpCase("cache {\n  prefetch 1 1\n}", "3:14: error: ...a unit...\"1s\"?"),
    SetUpCase("cache {\n  prefetch 1 1m 10\n}", "3:17: error: found \"10\"...10% to 90%"),
    SetUpCase("cache {\n  prefetch 1 1m 9%\n}", "3:17: error: found \"9%\"...10% to 90%"),
    SetUpCase("cache {\n  prefetch 1 1m 91%\n}", "3:17: error: ...10% to 90%"),
    SetUpCase("cache {\n  prefetch 1 1m %\n}", "3:17: error: ...10% to 90%"),
    SetUpCase("cache {\n  prefetch 1 1m 10% x\n}", "3:21: error: ...at most 3 arguments"),
    SetUpCase("cache {\n  serve_stale -1s\n}", "3:15: error: ...from 0s to 8760h"),
    SetUpCase("cache {\n  serve_stale 9000h\n}", "3:15: error: ...from 0s to 8760h"),
    SetUpCase("cache {\n  serve_stale 1h now\n}", "3:18: error: ...one of immediate, verify"),
    SetUpCase("cache {\n  serve_stale 1h verfy\n}", "3:18: error: ...did you mean \"verify\"?"),
    SetUpCase("cache {\n  serve_stale 1h verify 61s\n}", "3:25: error: ...from 0s to 1m"),
    SetUpCase("cache {\n  serve_stale 1h verify 1s 1ms\n}", "3:28: error: ...whole seconds"),
    SetUpCase("cache {\n  serve_stale 1h verify 1s 1s 6m\n}", "3:31: error: ...from 0s to 5m"),
    SetUpCase(
      "cache {\n  serve_stale 1h verify 1s 1s 1m x\n}", "3:34: error: ...at most 5 arguments"),
    SetUpCase(
      "cache {\n  serve_stale 1h immediate 30s 30s 1s\n}", "3:36: error: ...at most 4 arguments"),
    SetUpCase(
      "cache {\n  serve_stale_policy prefer_positive\n}", "3:3: error: ...needs...serve_stale"),
    SetUpCase(
      "cache {\n  serve_stale\n  serve_stale_policy x\n}", "4:22: error: ...prefer_positive"),
    SetUpCase(
      "cache {\n  serve_stale\n  serve_stale_policy prefer_positive\n"
        + "  serve_stale_policy prefer_positive\n}", "5:3: error: serve_stale_policy stands twice"),
    SetUpCase("cache {\n  servfail\n}", "3:3: error: found no arguments"),
    SetUpCase("cache {\n  servfail 301s\n}", "3:12: error: ...from 0s to 5m"),
    SetUpCase("cache {\n  servfail -1s\n}", "3:12: error: ...from 0s to 5m"),
    SetUpCase("cache {\n  servfail 5\n}", "3:12: error: ...\"5s\"?"),
    SetUpCase("cache {\n  disable\n}", "3:3: error: found no arguments"),
    SetUpCase("cache {\n  disable errors\n}", "3:11: error: ...one of success, denial"),
    SetUpCase("cache {\n  disable denial a..b\n}", "3:18: error: "),
    SetUpCase("cache {\n  keepttl on\n}", "3:11: error: ...takes no arguments"),
    SetUpCase("cache {\n  keepttl {\n    x\n  }\n}", "4:5: error: ...takes no options"),
  ]

  @Test(arguments: good + bad)
  func `a line is read or refused`(row: SetUpCase) {
    #expect(row.differences() == [])
  }
}
