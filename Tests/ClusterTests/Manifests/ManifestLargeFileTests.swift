import Cluster
import DNSWire
import Testing

/// Files of more than a mebibyte, whose Lists are read in parts.
@Suite struct ManifestLargeFileTests {
  private static let count = 4_500

  /// One item of a List, its lines after `indent`.
  private static func item(_ number: Int, indent: String, more: String = "") -> String {
    let lines = """
      - apiVersion: v1
        kind: Service
        metadata:
          name: s\(number)
          namespace: shop
          annotations:
            note: |
              - a text, with lines
              kind: not a kind
              items:
              - x
        # of the spec
        spec:
          clusterIP: 10.\(number >> 16).\(number >> 8 & 255).\(number & 255)\(more)
      """
    return lines.split(separator: "\n").map { indent + $0 + "\n" }.joined()
  }

  private static func items(indent: String) -> String {
    (0..<count).map { item($0, indent: indent) }.joined()
  }

  private static func names(_ round: ManifestRound) -> Set<String> {
    Set(round.objects.map(\.key.name))
  }

  private static let shapes: [(String, String, String)] = [
    ("apiVersion: v1\nitems:\n", "", "kind: List\nmetadata:\n  resourceVersion: \"\"\n"),
    ("apiVersion: v1\nkind: List\nitems:\n", "", ""),
    ("# dump\napiVersion: v1\nkind: List\nitems:   \n\n", "  ", "\n# end\n"),
    ("\u{FEFF}---\napiVersion: v1\nkind: ServiceList\nitems:\n", "    ", "metadata: {}\n...\n"),
    ("items:\n", "", "apiVersion: v1\nkind: \"List\"\n---\n"),
  ]

  @Test(arguments: shapes)
  func `a List in parts is the whole List`(head: String, indent: String, tail: String) {
    let text = head + Self.items(indent: indent) + tail
    #expect(text.utf8.count > 1 << 20)
    let round = load(text)
    #expect(round.problems == [])
    #expect(round.changes.count == Self.count)
    #expect(Self.names(round) == Set((0..<Self.count).map { "s\($0)" }))
  }

  @Test func `problems name the item of the whole List`() {
    let text =
      "apiVersion: v1\nkind: List\nitems:\n" + Self.items(indent: "")
      + Self.item(1, indent: "").replacing("10.", with: "300.") + "- 5\n"
    let problems = load(text).problems
    #expect(problems.map(\.item) == [Self.count, Self.count + 1, Self.count], "\(problems)")
  }

  @Test func `an alias of another item has the List read whole`() {
    let text =
      "apiVersion: v1\nkind: List\nitems:\n"
      + Self.item(0, indent: "").replacing(
        "metadata:", with: "x: &x {clusterIP: 10.9.9.9}\n  metadata:")
      + (1..<Self.count).map { Self.item($0, indent: "") }.joined()
      + "- {apiVersion: v1, kind: Service, metadata: {name: last}, spec: *x}\n"
    let round = load(text)
    #expect(round.problems == [])
    let last = round.objects.first { $0.key.name == "last" }
    guard case .service(let service)? = last else {
      Issue.record("no Service")
      return
    }
    #expect(service.clusterIPs.map(\.description) == ["10.9.9.9"])
  }

  @Test func `a syntax error far down names its line in the file`() {
    let text =
      "# one\n---\n" + Fixture.service("a") + "---\napiVersion: v1\nkind: List\nitems:\n"
      + Self.items(indent: "") + "- a: [}\n"
    let lineCount = text.utf8.count { $0 == UInt8(ascii: "\n") }
    let problem = load(text).problems.first
    #expect(problem?.document == 2)
    #expect(
      problem?.message.hasPrefix("line \(lineCount), column") == true, "\(problem?.message ?? "-")")
  }

  @Test func `documents of a large file are told apart as in a small one`() {
    let services = (0..<5_000).map { Fixture.service("s\($0)") }
    let round = load("%YAML 1.1\n---\n" + services.joined(separator: "--- # next\n"))
    #expect(round.problems == [])
    #expect(round.changes.count == 5_000)
    let again = load("---\n" + services.joined(separator: "---\t\n") + "---\n--- 5\n")
    #expect(again.changes.count == 5_000)
    #expect(again.problems.map(\.document) == [5_002])
  }

  @Test func `a large file that is cut keeps everything`() {
    var state = ManifestState()
    let octets = Array(("apiVersion: v1\nkind: List\nitems:\n" + Self.items(indent: "")).utf8)
    #expect(state.put(octets).changes.count == Self.count)
    for missing in [1, 100, 65_535, 65_536, 70_000, 500_000, octets.count - 5_000] {
      let round = state.put(Array(octets.dropLast(missing)))
      #expect(round.changes == [])
      #expect(round.problems.map { $0.message.contains("cut short") } == [true], "\(missing)")
    }
  }

  @Test func `a large file that loses an item in its middle or at its start is not cut`() {
    var state = ManifestState()
    let head = "apiVersion: v1\nkind: List\nitems:\n"
    _ = state.put(head + Self.items(indent: ""))
    let without = { (gone: Int) in
      head + (0..<Self.count).filter { $0 != gone }.map { Self.item($0, indent: "") }.joined()
    }
    #expect(state.put(without(0)).story == ["-Service shop/s0"])
    #expect(state.put(without(4_000)).story == ["+Service shop/s0", "-Service shop/s4000"])
    let lessAtTheEnd = without(Self.count - 2)
    #expect(
      state.put(lessAtTheEnd).story == ["+Service shop/s4000", "-Service shop/s\(Self.count - 2)"])
  }
}
