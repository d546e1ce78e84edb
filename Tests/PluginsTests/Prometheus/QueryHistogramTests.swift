import DNSWire
import PluginChain
import Plugins
import Testing

/// The histograms of queries: CoreDNS's buckets.
@Suite struct QueryHistogramTests {
  private static let labels = "server=\"dns://:53\",view=\"\",zone=\".\""

  @Test func `each bound of sizes is in its own bucket`() {
    for (bucket, bound) in QueryLayout.sizeBounds.enumerated() {
      #expect(QueryLayout.sizeBucket(bound) == bucket)
      #expect(QueryLayout.sizeBucket(bound + 1) == bucket + 1)
    }
    #expect(QueryLayout.sizeBucket(65_535) == QueryLayout.sizeBounds.count)
    #expect(QueryLayout.sizeBucket(.max) == QueryLayout.sizeBounds.count)
    #expect(QueryLayout.sizeBucket(-1) == 0)
  }

  @Test func `each bound of times is in its own bucket`() {
    for bucket in 0..<QueryLayout.durationBoundCount {
      let bound = QueryLayout.durationBoundMin << UInt64(bucket)
      #expect(QueryLayout.durationBucket(bound) == bucket)
      #expect(QueryLayout.durationBucket(bound + 1) == bucket + 1)
    }
    #expect(QueryLayout.durationBucket(0) == 0)
    #expect(QueryLayout.durationBucket(.max) == QueryLayout.durationBoundCount)
  }

  @Test func `sizes of queries`() throws {
    let bench = try CountingBench()
    for size in [0, 100, 101, 70_000] { bench.serve(CountedQuery(octetCount: size)) }
    bench.serve(CountedQuery(transport: .tcp, octetCount: 512))
    let lines = bench.lines("coredns_dns_request_size_bytes").filter { $0.contains("\"udp\"") }
    let values = lines.map { $0.split(separator: " ").last.map(String.init) ?? "" }
    #expect(
      values == ["1", "2"] + Array(repeating: "3", count: 12) + ["4", "70201", "4"])
    let bounds = lines.compactMap { $0.split(separator: "le=\"").dropFirst().first }
      .compactMap { $0.split(separator: "\"").first }
    #expect(
      bounds == [
        "0", "100", "200", "300", "400", "511", "1023", "2047", "4095", "8291", "16000", "32000",
        "48000", "64000", "+Inf",
      ])
    #expect(
      bench.value("coredns_dns_request_size_bytes_sum{proto=\"tcp\",\(Self.labels)}") == 512)
  }

  /// Over UDP a reply is counted no larger than what the client takes. Over TCP it has a header of
  /// 12 octets, a question of 13 and a record of 12 and its data.
  @Test(arguments: [(.tcp, 12 + 13 + 12 + 2_000), (.udp, 512)] as [(Exchange.Transport, Int)])
  func `sizes of replies`(transport: Exchange.Transport, size: Int) throws {
    let bench = try CountingBench(.init(dataOctetCount: 2_000))
    bench.serve(CountedQuery(name: "example.", transport: transport))
    let series = "coredns_dns_response_size_bytes_sum{proto=\"\(transport)\",\(Self.labels)}"
    #expect(bench.value(series) == size)
  }

  @Test func `times`() throws {
    let bench = try CountingBench()
    // A clock that stands behind the arrival is no time at all, one far ahead a long one.
    bench.serve(CountedQuery(cameAt: .max), CountedQuery(cameAt: .max))
    let before = bench.lines("coredns_dns_request_duration_seconds")
    #expect(before.first?.hasSuffix("le=\"0.00025\"} 2") == true)
    #expect(before.dropLast().last?.hasSuffix("} 0") == true, "their sum")
    let bounds = before.compactMap { $0.split(separator: "le=\"").dropFirst().first }
      .compactMap { $0.split(separator: "\"").first }
    #expect(
      bounds == [
        "0.00025", "0.0005", "0.001", "0.002", "0.004", "0.008", "0.016", "0.032", "0.064",
        "0.128", "0.256", "0.512", "1.024", "2.048", "4.096", "8.192", "+Inf",
      ])
    bench.serve(CountedQuery(cameAt: 0))
    let after = bench.lines("coredns_dns_request_duration_seconds_bucket")
    #expect(after.map { $0.last } == Array(repeating: "2", count: 16) + ["3"])
  }
}
