import PluginChain
import Plugins
import Testing

/// The text format: what Prometheus reads.
@Suite struct MetricsTextTests {
  private typealias Sample = MetricFamily.Sample

  private static func counter(
    _ name: String, _ samples: [Sample], help: String = "h", _ kind: MetricFamily.Kind = .counter
  ) -> MetricFamily {
    MetricFamily(kind, name, help) { samples }
  }

  @Test func `families in the order of names, each with help and type`() {
    let text = MetricsText.page([
      Self.counter("b_total", [Sample([], 2)], help: "second"),
      Self.counter("a", [Sample([], 1)], help: "first", .gauge), Self.counter("c_total", []),
    ])
    #expect(
      text == """
        # HELP a first
        # TYPE a gauge
        a 1
        # HELP b_total second
        # TYPE b_total counter
        b_total 2

        """)
    #expect(MetricsText.page([]) == "")
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "0"), (1, "1"), (-3, "-3"), (0.5, "0.5"), (0.00025, "0.00025"),
      (16_000, "16000"), (1e15, "1000000000000000"), (1e300, "1e+300"), (1e-9, "1e-09"),
      (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ] as [(Double, String)])
  func `numbers as Go writes them`(value: Double, text: String) {
    #expect(
      MetricsText.page([Self.counter("a", [Sample([], value)])]).hasSuffix("\na \(text)\n"))
  }

  @Test(arguments: [
    ("", ""), ("plain", "plain"), ("a\"b", "a\\\"b"), ("a\\b", "a\\\\b"), ("a\nb", "a\\nb"),
    ("\\n", "\\\\n"), ("a\r\nb", "a\r\\nb"), ("\"}\n# EOF", "\\\"}\\n# EOF"), ("é\u{1}", "é\u{1}"),
    ("\\032", "\\\\032"), ("\n\u{301}", "\\n\u{301}"),
  ])
  func `values of labels are escaped`(value: String, text: String) {
    let page = MetricsText.page([Self.counter("a", [Sample([("l", value)], 1)])])
    // Octet by octet: equal texts may differ in them.
    let expected = "# HELP a h\n# TYPE a counter\na{l=\"\(text)\"} 1\n"
    #expect(Array(page.utf8) == Array(expected.utf8))
  }

  @Test func `help stays on one line`() {
    let page = MetricsText.page([Self.counter("a", [Sample([], 1)], help: "\"a\\\nb\"")])
    #expect(page.hasPrefix("# HELP a \"a\\\\\\nb\"\n# TYPE"))
  }

  @Test func `labels are in the order of names`() {
    let page = MetricsText.page([Self.counter("a", [Sample([("z", "1"), ("b", "2")], 1)])])
    #expect(page.hasSuffix("\na{b=\"2\",z=\"1\"} 1\n"))
  }

  // MARK: - Histograms

  private static func histogram(
    _ bounds: [Double], _ counts: [Int], sum: Double, _ labels: [(name: String, value: String)] = []
  ) -> MetricFamily {
    counter(
      "h_seconds", [Sample(labels, sum, buckets: .init(bounds: bounds, counts: counts))],
      .histogram)
  }

  @Test func `buckets add up, and infinity is the count`() {
    let page = MetricsText.page([
      Self.histogram([0.25, 1, 16], [1, 2, 0, 4], sum: 12.5, [("to", "x")])
    ])
    #expect(
      page == """
        # HELP h_seconds h
        # TYPE h_seconds histogram
        h_seconds_bucket{to="x",le="0.25"} 1
        h_seconds_bucket{to="x",le="1"} 3
        h_seconds_bucket{to="x",le="16"} 3
        h_seconds_bucket{to="x",le="+Inf"} 7
        h_seconds_sum{to="x"} 12.5
        h_seconds_count{to="x"} 7

        """)
  }

  @Test func `histograms without labels`() {
    let page = MetricsText.page([Self.histogram([1], [1, 1], sum: 3)])
    #expect(page.hasSuffix("_bucket{le=\"+Inf\"} 2\nh_seconds_sum 3\nh_seconds_count 2\n"))
  }

  // MARK: - Merging

  @Test func `families of one name are one, equal labels are added up`() {
    let page = MetricsText.page([
      Self.counter("a", [Sample([("x", "1"), ("y", "2")], 1), Sample([("x", "2")], 5)]),
      Self.counter("b", [Sample([], 1)]),
      Self.counter("a", [Sample([("y", "2"), ("x", "1")], 10), Sample([], 7)], help: "other"),
      Self.counter("a", [Sample([], 100)], .gauge),
    ])
    #expect(
      page == """
        # HELP a h
        # TYPE a counter
        a{x="1",y="2"} 11
        a{x="2"} 5
        a 7
        # HELP b h
        # TYPE b counter
        b 1

        """)
  }

  @Test func `a value is never taken for a name`() {
    let page = MetricsText.page([
      Self.counter("a", [Sample([("x", "y"), ("z", "")], 1), Sample([("x", "yz")], 1)])
    ])
    #expect(page.split(separator: "\n").count == 4)
  }

  @Test func `histograms are added up bucket by bucket`() {
    let page = MetricsText.page([
      Self.histogram([1, 2], [1, 2, 3], sum: 4), Self.histogram([1, 2], [10, 20, 30], sum: 40),
      Self.histogram([1, 3], [1, 1, 1], sum: 1),
    ])
    let values = page.split(separator: "\n").dropFirst(2).compactMap {
      $0.split(separator: " ").last
    }
    #expect(values == ["11", "33", "66", "44", "66"], "other buckets cannot be added")
  }

  @Test func `a sample that does not fit its kind is left out`() {
    let page = MetricsText.page([Self.counter("h", [Sample([], 1)], .histogram)])
    #expect(!page.contains("\nh"))
  }
}
