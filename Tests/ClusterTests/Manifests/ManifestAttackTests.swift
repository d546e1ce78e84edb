import Cluster
import Testing
import TestSupport

/// Texts made to stop the process: each must end in a problem, and soon.
@Suite struct ManifestAttackTests {
  private static func nested(_ depth: Int, _ open: String, _ close: String) -> String {
    String(repeating: open, count: depth) + String(repeating: close, count: depth)
  }

  @Test(arguments: [
    nested(1_000, "[", "]"), nested(100_000, "[", "]"), nested(100_000, "{a: ", "}"),
    nested(100_000, "- ", ""), nested(100_000, "? ", ""), nested(100_000, "[", ""),
    nested(100_000, "{", "}"), nested(100_000, "- - ? ", ""),
    (0..<3_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
  ])
  func `deep nesting`(text: String) {
    let round = load(text)
    #expect(round.changes == [])
    #expect(round.problems.count == 1)
  }

  @Test(arguments: [
    nested(600, "[", "]"), nested(100_000, "[", "]"), nested(100_000, "{\"items\":", "}"),
  ])
  func `deep nesting in JSON`(text: String) {
    #expect(load(text, path: "w.json").problems.count == 1)
  }

  @Test func `nesting where DNS does not look is fine`() {
    let text = "annotations: \(Self.nested(900, "[", "]"))\n"
    #expect(load(Fixture.service("a", more: text)).story == ["+Service shop/a"])
  }

  @Test func `kept fields nested too deep`() {
    let text = Self.nested(30, "{items: [", "]}")
    #expect(load(text).problems.first?.message.contains("deeper than 24") == true)
  }

  private static func bomb(_ depth: Int, _ key: (Int) -> String) -> String {
    var text = "\(key(0)): &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<depth {
      let alias = "*a\(level - 1)"
      let all = Array(repeating: alias, count: 9).joined(separator: ", ")
      text += "\(key(level)): &a\(level) [\(all)]\n"
    }
    return text
  }

  @Test func `aliases that grow where DNS does not look cost nothing`() {
    let round = load(Fixture.service("a", more: Self.bomb(20) { "x\($0)" }))
    #expect(round.story == ["+Service shop/a"])
    #expect(round.problems == [])
  }

  @Test func `aliases that grow in kept fields`() {
    let names = [
      "kind", "metadata", "spec", "status", "ports", "endpoints", "addresses", "ready", "items",
    ]
    let round = load("apiVersion: v1\n" + Self.bomb(names.count) { names[$0] })
    #expect(round.changes == [])
    #expect(round.problems.first?.message.contains("more than 4000000 values") == true)
  }

  @Test(arguments: [
    "? *a19\n: v\n", "? [*a19]\n: v\n", "*a19 : v\n", "[*a19]: v\n", "{*a19: v}\n",
    "{? *a19 : v}\n",
    "x: {? {b: *a19} : v}\n", "x: [[*a19] : v]\n", "x:\n- ? *a19\n  : v\n",
  ])
  func `aliases that grow in keys`(key: String) {
    let round = load(Self.bomb(20) { "x\($0)" } + key)
    #expect(round.problems.first?.message.contains("take for ever to compare") == true)
  }

  @Test func `keys of any kind without growth are fine`() {
    let text = "? [a, b]\n: c\n? {d: e}\n: f\nb: &b 5\n*b : g\n"
    #expect(load(Fixture.service("a", more: text)).story == ["+Service shop/a"])
  }

  @Test func `a file of many tiny values`() {
    let octets = Array("a: [".utf8) + [UInt8](repeating: 0x2C, count: 16_000_001)
    var state = ManifestState()
    #expect(state.put(octets).problems.first?.message.contains("more than 16000000") == true)
  }

  @Test func `a file larger than 64 MiB`() {
    var state = ManifestState()
    let round = state.put([UInt8](repeating: 0x20, count: (64 << 20) + 1))
    #expect(
      round.problems.map(\.message) == [
        "the file is larger than 64 MiB; nothing was loaded from it"
      ])
  }

  @Test(
    arguments: [
      [0xFF, 0xFE, 0x61, 0x00], [0xC0, 0x80], [0x61, 0x3A, 0x20, 0xE2, 0x82], [0xED, 0xA0, 0x80],
    ] as [[UInt8]])
  func `octets that are not UTF-8`(octets: [UInt8]) {
    var state = ManifestState()
    let round = state.put(octets)
    #expect(
      round.problems.map(\.message) == [
        "the file is not UTF-8 text; nothing was loaded from it"
      ])
  }

  @Test func `random octets are a problem`() {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<500 {
      let octets = (0..<(random.next() % 200 + 1)).map { _ in
        UInt8(truncatingIfNeeded: random.next())
      }
      var state = ManifestState()
      #expect(state.put(octets).changes == [])
    }
  }

  /// Mutated manifests, in YAML and JSON: whatever comes of them, what was there before is there
  /// after, unless a file that reads well no longer names it.
  @Test(arguments: 0..<20)
  func `two thousand mutations of a good manifest`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let texts = [Fixture.everyKind, Self.json]
    let words = [
      "\n", "---\n", ": ", "- ", "&a ", "*a ", "[", "]", "{", "}", "\"", "'", "|", "? ",
      "<<: ", "null", "\0", "\u{FEFF}", "\t", "!!", "#", "%", "10.0.0.300", "-1",
      "99999999999999999999",
    ]
    for turn in 0..<100 {
      var octets = Array(texts[turn % 2].utf8)
      for _ in 0...(random.next() % 4) {
        let at = Int(random.next() % UInt64(octets.count + 1))
        switch random.next() % 4 {
        case 0:
          octets.insert(contentsOf: words[Int(random.next() % UInt64(words.count))].utf8, at: at)
        case 1: octets.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
        case 2: octets.removeSubrange(at..<min(octets.count, at + Int(random.next() % 12)))
        default: if at < octets.count { octets[at] ^= 1 << UInt8(random.next() % 8) }
        }
      }
      let path = turn % 2 == 0 ? "w.yaml" : "w.json"
      var state = ManifestState()
      let before = state.put(texts[turn % 2], at: path)
      #expect(before.problems == [])
      let after = state.put(octets, at: path)
      let fresh = Set(load(String(decoding: octets, as: UTF8.self), path: path).objects.map(\.id))
      for case .delete(let kind, let key) in after.changes {
        #expect(!fresh.contains(ObjectID(kind: kind, key: key)))
        #expect(
          !after.problems.contains { problem in
            problem.object == nil && problem.message.contains("stay")
          }, "\(after.problems)")
      }
    }
  }

  private static let json = #"""
    {"apiVersion": "v1", "kind": "List", "items": [
      {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
      {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
       "spec": {"clusterIP": "10.96.0.10", "ports": [{"name": "http", "port": 80}]}},
      {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "namespace": "shop"},
       "status": {"phase": "Running", "podIP": "10.244.0.1"}}]}
    """#
}
