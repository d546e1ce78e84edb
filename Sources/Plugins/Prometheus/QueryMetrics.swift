import DNSWire
import PluginChain

/// What `prometheus` shows of the queries of one server block; only what has been counted.
struct QueryMetrics: Sendable {
  private typealias Labels = [(name: String, value: String)]

  private let counters: QueryCounters
  /// The label `server`.
  private let server: String
  /// The label `zone`, where it is not the zone's name.
  private let zoneLabel: String?

  /// The metrics of a block's counters.
  init(_ counters: QueryCounters, server: String, zoneLabel: String? = nil) {
    self.counters = counters
    self.server = server
    self.zoneLabel = zoneLabel
  }

  /// The families, by CoreDNS's names and labels.
  var families: [MetricFamily] {
    [
      family(.counter, "coredns_dns_requests_total", "Queries.", Self.requests),
      family(
        .histogram, "coredns_dns_request_duration_seconds", "Time from a query to its reply.",
        Self.durations),
      family(.histogram, "coredns_dns_request_size_bytes", "Sizes of queries.") {
        Self.sizes($0, $1, QueryLayout.querySize)
      },
      family(.histogram, "coredns_dns_response_size_bytes", "Sizes of replies.") {
        Self.sizes($0, $1, QueryLayout.replySize)
      },
      family(.counter, "coredns_dns_do_requests_total", "Queries with the DO bit.") {
        [.init($0, Double($1[QueryLayout.dnssecOK]))]
      },
      family(.counter, "coredns_dns_responses_total", "Replies.", Self.replies),
    ]
  }

  private func family(
    _ kind: MetricFamily.Kind, _ name: String, _ help: String,
    _ samples: @escaping @Sendable (Labels, [Int]) -> [MetricFamily.Sample]
  ) -> MetricFamily {
    MetricFamily(kind, name, help) { [counters, server, zoneLabel] in
      counters.zones.indices.flatMap { zone in
        let name = zoneLabel ?? counters.zones[zone].description
        let labels = [("server", server), ("zone", name), ("view", "")]
        return samples(labels.map { (name: $0.0, value: $0.1) }, counters.totals(zone: zone))
      }
    }
  }

  // MARK: - Samples

  private static let transports = ["udp", "tcp"]
  private static let families = ["1", "2"]

  private static func requests(_ labels: Labels, _ totals: [Int]) -> [MetricFamily.Sample] {
    var samples: [MetricFamily.Sample] = []
    for (transport, proto) in transports.enumerated() {
      for (family, name) in families.enumerated() {
        for (type, mnemonic) in QueryLayout.types.enumerated() {
          let total = totals[QueryLayout.request(transport, family, type: type)]
          guard total > 0 else { continue }
          let more = [("proto", proto), ("family", name), ("type", mnemonic)]
          samples.append(.init(labels + more.map { (name: $0.0, value: $0.1) }, Double(total)))
        }
      }
    }
    return samples
  }

  private static func replies(_ labels: Labels, _ totals: [Int]) -> [MetricFamily.Sample] {
    var samples: [MetricFamily.Sample] = []
    for (plugin, name) in QueryCounters.plugins.enumerated() {
      for (code, mnemonic) in QueryLayout.codes.enumerated() {
        let total = totals[QueryLayout.reply(code: code, plugin: plugin)]
        guard total > 0 else { continue }
        samples.append(
          .init(labels + [("rcode", mnemonic), ("plugin", name)], Double(total)))
      }
    }
    return samples
  }

  private static func durations(_ labels: Labels, _ totals: [Int]) -> [MetricFamily.Sample] {
    let bounds = (0..<QueryLayout.durationBoundCount).map {
      Double(QueryLayout.durationBoundMin << UInt64($0)) / 1_000_000_000
    }
    let counts = (0...bounds.count).map { totals[QueryLayout.duration($0)] }
    guard counts.contains(where: { $0 > 0 }) else { return [] }
    let sum = Double(totals[QueryLayout.duration(QueryLayout.durationSum)]) / 1_000_000_000
    return [.init(labels, sum, buckets: .init(bounds: bounds, counts: counts))]
  }

  private static func sizes(
    _ labels: Labels, _ totals: [Int], _ place: (Int, Int) -> Int
  ) -> [MetricFamily.Sample] {
    let bounds = QueryLayout.sizeBounds
    return transports.enumerated().compactMap { transport, proto in
      let counts = (0...bounds.count).map { totals[place(transport, $0)] }
      guard counts.contains(where: { $0 > 0 }) else { return nil }
      return MetricFamily.Sample(
        labels + [("proto", proto)], Double(totals[place(transport, QueryLayout.sizeSum)]),
        buckets: .init(bounds: bounds.map(Double.init), counts: counts))
    }
  }
}
