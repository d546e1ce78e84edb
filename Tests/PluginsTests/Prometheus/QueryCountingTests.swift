import DNSWire
import Foundation
import PluginChain
import Plugins
import Testing

/// What is counted of queries and replies, as the page shows it.
@Suite struct QueryCountingTests {
  private static let labels = "server=\"dns://:53\""

  @Test func `a query and its reply are counted once`() throws {
    let bench = try CountingBench()
    #expect(bench.lines("coredns_dns_requests_total") == [])
    bench.serve(CountedQuery())
    #expect(
      bench.lines("coredns_dns_requests_total") == [
        "coredns_dns_requests_total{family=\"1\",proto=\"udp\",\(Self.labels),type=\"A\","
          + "view=\"\",zone=\".\"} 1"
      ])
    #expect(
      bench.lines("coredns_dns_responses_total") == [
        "coredns_dns_responses_total{plugin=\"whoami\",rcode=\"NOERROR\",\(Self.labels),"
          + "view=\"\",zone=\".\"} 1"
      ])
    #expect(
      bench.lines("coredns_dns_do_requests_total") == [
        "coredns_dns_do_requests_total{\(Self.labels),view=\"\",zone=\".\"} 0"
      ])
    bench.serve(CountedQuery(dnssecOK: true), CountedQuery())
    #expect(
      bench.value("coredns_dns_do_requests_total{\(Self.labels),view=\"\",zone=\".\"}") == 1)
  }

  @Test func `counters add up over workers, transports, families and types`() throws {
    let bench = try CountingBench(workerCount: 3)
    let addresses = [IPAddress(v4: 1), IPAddress(text: "2001:db8::1") ?? IPAddress(v4: 1)]
    for worker in 0..<3 {
      for transport in [Exchange.Transport.udp, .tcp] {
        for (family, client) in addresses.enumerated() {
          for type in [RRType.a, .aaaa] {
            let query = CountedQuery(
              type: type, transport: transport, client: client, worker: worker)
            bench.serve(query, times: (family + 1) * (type == .a ? 1 : 10))
          }
        }
      }
    }
    for proto in ["udp", "tcp"] {
      for (family, type, count) in [(1, "A", 3), (1, "AAAA", 30), (2, "A", 6), (2, "AAAA", 60)] {
        let series =
          "coredns_dns_requests_total{family=\"\(family)\",proto=\"\(proto)\",\(Self.labels),"
          + "type=\"\(type)\",view=\"\",zone=\".\"}"
        #expect(bench.value(series) == count)
      }
    }
    #expect(bench.lines("coredns_dns_requests_total").count == 8)
    #expect(
      bench.value(
        "coredns_dns_request_duration_seconds_count{\(Self.labels),view=\"\",zone=\".\"}") == 198)
  }

  /// Each worker writes at the same time, and somebody reads.
  @Test func `nothing is lost when workers count at the same time`() async throws {
    let bench = try CountingBench(workerCount: 4)
    let count = 20_000
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask { bench.serve(CountedQuery(worker: worker), times: count) }
      }
      group.addTask { for _ in 0..<20 { _ = bench.lines("coredns") } }
    }
    let series = "{plugin=\"whoami\",rcode=\"NOERROR\",\(Self.labels),view=\"\",zone=\".\"}"
    #expect(bench.value("coredns_dns_responses_total" + series) == 4 * count)
    #expect(
      bench.value(
        "coredns_dns_request_size_bytes_sum{proto=\"udp\",\(Self.labels),view=\"\",zone=\".\"}")
        == 4 * count * 40)
  }

  /// A worker that the set-up knows nothing of counts nowhere, and harms nobody.
  @Test(arguments: [1, 2, -1, Int.max])
  func `a worker that does not exist`(worker: Int) throws {
    let bench = try CountingBench("a.example:53 b.example:53")
    bench.serve(CountedQuery(name: "x.b.example.", worker: worker))
    #expect(
      bench.lines("coredns_dns_requests_total").allSatisfy { !$0.contains("a.example") })
  }

  @Test(
    arguments: [
      (1, "A"), (28, "AAAA"), (15, "MX"), (6, "SOA"), (5, "CNAME"), (12, "PTR"), (16, "TXT"),
      (2, "NS"), (33, "SRV"), (43, "DS"), (48, "DNSKEY"), (46, "RRSIG"), (47, "NSEC"),
      (50, "NSEC3"), (65, "HTTPS"), (251, "IXFR"), (252, "AXFR"), (255, "ANY"), (0, "other"),
      (64, "other"), (257, "other"), (65_535, "other"),
    ] as [(UInt16, String)])
  func `types are those of CoreDNS`(code: UInt16, name: String) throws {
    let bench = try CountingBench()
    bench.serve(CountedQuery(type: RRType(rawValue: code)))
    let lines = bench.lines("coredns_dns_requests_total")
    #expect(lines.count == 1 && lines[0].contains("type=\"\(name)\""))
    let counted = ["A", "AAAA", "MX", "SOA", "CNAME", "PTR", "TXT", "NS", "SRV", "DS", "DNSKEY"]
    #expect(QueryLayout.types.starts(with: counted))
  }

  @Test(
    arguments: [
      (0, "NOERROR"), (1, "FORMERR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (4, "NOTIMP"),
      (5, "REFUSED"), (6, "other"), (16, "other"), (4_095, "other"),
    ] as [(UInt16, String)])
  func `response codes`(code: UInt16, name: String) throws {
    let bench = try CountingBench(.init(code: ResponseCode(rawValue: code)))
    bench.serve(CountedQuery())
    let lines = bench.lines("coredns_dns_responses_total")
    #expect(lines.count == 1 && lines[0].contains("rcode=\"\(name)\""))
  }

  @Test(arguments: ["kubernetes", "forward", "root", "nomad"])
  func `replies bear the plugin's name`(plugin: String) throws {
    let bench = try CountingBench(plugin: plugin)
    bench.serve(CountedQuery())
    let lines = bench.lines("coredns_dns_responses_total")
    #expect(lines.count == 1 && lines[0].contains("plugin=\"\(plugin)\""))
  }

  @Test func `without an answer it is the server that replies`() throws {
    let bench = try CountingBench(.init(outcome: .unanswered))
    bench.serve(CountedQuery())
    let lines = bench.lines("coredns_dns_responses_total")
    #expect(lines.count == 1 && lines[0].contains("plugin=\"\",rcode=\"SERVFAIL\""))
  }

  @Test(arguments: [Outcome.dropped, .waiting])
  func `a query without a reply is not counted`(outcome: Outcome) throws {
    let bench = try CountingBench(.init(outcome: outcome))
    bench.serve(CountedQuery())
    #expect(bench.lines("coredns_dns_requests_total") == [])
    #expect(bench.lines("coredns_dns_responses_total") == [])
  }

  @Test func `names are counted for the longest zone`() throws {
    let bench = try CountingBench("example:53 sub.example:53 .:53 example:53")
    for (name, times) in [("www.example.", 1), ("example.", 1), ("a.sub.example.", 3), ("x.", 5)] {
      bench.serve(CountedQuery(name: name), times: times)
    }
    for (zone, count) in [("example.", 2), ("sub.example.", 3), (".", 5)] {
      let series = "{plugin=\"whoami\",rcode=\"NOERROR\",\(Self.labels),view=\"\",zone=\"\(zone)\"}"
      #expect(bench.value("coredns_dns_responses_total" + series) == count)
    }
    #expect(bench.lines("coredns_dns_responses_total").count == 3)
  }
}

extension CountingBench {
  /// A bench with a script alone.
  init(_ script: FixedAnswer.Script) throws {
    try self.init(".:53", workerCount: 1, plugin: "whoami", script)
  }
}
