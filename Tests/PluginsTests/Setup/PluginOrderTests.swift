import Corefile
import PluginChain
import Plugins
import Testing

/// Which plugins there are, and what is said of those that are not.
@Suite struct PluginOrderTests {
  /// The severities as docs/plugins/README.md documents them: without these, answers would be
  /// wrong, missing or open to those who must not have them.
  static let errors: Set<String> = [
    "proxyproto", "dns64", "tsig", "acl", "dnssec", "tls",
    "route53", "azure", "clouddns", "k8s_external", "file", "auto", "secondary", "etcd", "erratic",
    "sign", "view", "nomad",
  ]
  static let built: Set<String> = [
    "bufsize", "bind", "debug", "ready", "errors", "log", "local", "loadbalance", "kubernetes",
    "cache", "chaos", "loop", "forward", "prometheus", "whoami", "health", "root",
    "cancel", "timeouts", "multisocket", "pprof", "any",
    "minimal", "header", "nsid", "reload", "hosts", "template", "rewrite",
  ]

  @Test func `every plugin has one place, and those below answer what those above let through`() {
    let names = pluginOrder.map(\.name)
    #expect(Set(names).count == names.count)
    let ordered = [
      "bufsize", "errors", "log", "local", "loadbalance", "hosts", "kubernetes", "cache", "loop",
      "forward", "whoami",
    ]
    #expect(names.filter(ordered.contains) == ordered)
    let works = pluginOrder.filter { if case .built = $0 { true } else { false } }
    #expect(Set(works.map(\.name)) == Self.built)
  }

  @Test(arguments: pluginOrder.map(\.name).filter { !built.contains($0) })
  func `a plugin that is not built says so`(name: String) {
    let found = SetUpCorefile(".:53 {\n  \(name) some {\n    option\n  }\n  whoami\n}\n")
      .diagnostics
    let severity = Self.errors.contains(name) ? "error" : "warning"
    #expect(found.count == 1)
    #expect(
      found.first?.hasPrefix("2:3: \(severity): \(name) is a CoreDNS plugin that is not built yet")
        == true, "\(found)")
  }

  static let unknown: [(word: String, nearest: String?)] = [
    ("kubernets", "kubernetes"), ("kubernete", "kubernetes"), ("erors", "errors"), ("lgo", "log"),
    ("bufsiz", "bufsize"), ("whoam", "whoami"), ("redy", "ready"), ("forwad", "forward"),
    ("loadbalancer", "loadbalance"), ("chache", "cache"), ("LOG", "log"),
    ("promtheus", "prometheus"),
    ("proxi", "proxy"),
    ("zzzzzzz", nil), ("multicluster", nil), ("x", nil),
  ]

  @Test(arguments: unknown)
  func `an unknown plugin is an error that names the nearest`(word: String, nearest: String?) {
    let found = SetUpCorefile(".:53 {\n whoami\n  \(word)\n}\n").diagnostics
    let hint = nearest.map { "; did you mean \($0)?" } ?? ""
    #expect(found == ["3:3: error: there is no plugin \"\(word)\"\(hint)"])
  }

  @Test func `proxy is the old name of forward`() {
    let found = SetUpCorefile(".:53 {\n  proxy . 192.0.2.1\n}\n").diagnostics
    #expect(found == ["2:3: warning: proxy is deprecated and read as forward: use forward"])
  }

  @Test(
    arguments: built.subtracting(["log", "bind", "forward", "root", "template", "rewrite"])
      .subtracting(lenient).sorted())
  func `a plugin that stands twice is an error at the second`(name: String) {
    let found = SetUpCorefile("cluster.local:53 {\n  \(name)\n  \(name)\n}\n").diagnostics
    #expect(
      found.contains("3:3: error: \(name) stands twice in this server block; once is the most"))
    #expect(found.filter { $0.contains(": error: ") }.count == 1)
  }

  /// Plugins of which CoreDNS lets one line count.
  static let lenient: Set = ["health", "timeouts", "loadbalance", "local", "cancel", "header"]

  @Test(arguments: [
    ("health :1", "health :2", 2), ("cancel 1s", "cancel 2s", 2), ("loadbalance", "loadbalance", 2),
    ("timeouts {\n  read 1s\n}", "timeouts {\n  read 2s\n}", 2), ("local", "local", 2),
    ("header {\n  response set aa\n}", "header {\n  response set ra\n}", 5),
  ])
  func `of some plugins one line counts`(first: String, second: String, line: Int) {
    let found = SetUpCorefile(".:53 {\n\(first)\n\(second)\n whoami\n}\n").diagnostics
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("\(line):1: warning: ") == true, "\(found)")
    #expect(found.first?.contains("stands more than once") == true)
  }

  @Test func `plugins may stand twice in two server blocks, and log, bind and forward in one`() {
    let text = """
      a.example:53 {
        log
        log example.org
        bind 127.0.0.1
        bind ::1
        forward one.example 192.0.2.1
        forward two.example 192.0.2.2
        errors
        whoami
      }
      b.example:53 {
        errors
        whoami
      }
      """
    #expect(SetUpCorefile(text).diagnostics == [])
  }

  @Test func `all that is wrong is told at once`() {
    let text = """
      .:53 {
        nonsense
        bufsize 1
        dnssec
        whoami x
      }
      """
    let lines = SetUpCorefile(text).diagnostics.map { String($0.prefix(5)) }
    #expect(lines.sorted() == ["2:3: ", "3:11:", "4:3: ", "5:10:"])
  }
}
