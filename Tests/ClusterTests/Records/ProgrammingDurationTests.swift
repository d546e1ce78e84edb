import Cluster
import DNSWire
import Synchronization
import Testing

private typealias Text = ObjectText

/// Which changes count for the DNS programming latency, and how.
@Suite struct ProgrammingDurationTests {
  private let durations = ProgrammingDurations(clock: { 100 })

  /// A store whose clock stands at 100 s.
  private func records(_ adjust: (inout RecordOptions) -> Void = { _ in }) throws -> ClusterRecords
  {
    var options = RecordOptions()
    options.primaryZone = try #require(DomainName(text: "cluster.local."))
    adjust(&options)
    return try #require(ClusterRecords(options: options, now: 1, durations: durations))
  }

  private static func slice(
    _ key: String, of service: String, _ endpoints: String, at seconds: Double?
  ) -> ObjectChange {
    guard case .endpointSlice(let slice) = Text.slice(key, of: service, endpoints) else {
      return .delete(.endpointSlice, Text.objectKey(key))
    }
    return .set(
      .endpointSlice(
        EndpointSlice(
          key: slice.key, serviceName: service, endpoints: slice.endpoints, ports: slice.ports,
          trigger: ChangeTrigger(seconds: seconds))))
  }

  private static let services: [ObjectChange] = [
    .set(Text.service("shop/web", "10.96.0.1")), .set(Text.service("shop/hand", "None")),
    .set(Text.alias("shop/alias", to: "example.org")),
    .set(
      .service(
        Service(key: Text.objectKey("shop/db"), isHeadless: true, hasSelector: true))),
  ]

  /// The sums in seconds, by kind.
  private var sums: [ServiceKind: Double] { durations.read().mapValues(\.seconds) }

  @Test(arguments: [
    ("web", ServiceKind.clusterIP), ("db", .headlessWithSelector),
    ("hand", .headlessWithoutSelector), ("alias", nil), ("none", nil),
  ])
  func `a change counts for the kind of its Service`(name: String, kind: ServiceKind?) throws {
    let records = try records()
    try records.apply(Self.services, now: 1)
    try records.declareReady(now: 1)
    try records.apply([Self.slice("shop/s", of: name, "10.0.0.1", at: 97.5)], now: 2)
    #expect(sums == (kind.map { [$0: 2.5] } ?? [:]))
  }

  @Test func `each trigger counts once, when it is published`() throws {
    let records = try records()
    func apply(_ endpoints: String, at seconds: Double?) throws {
      try records.apply([Self.slice("shop/s", of: "web", endpoints, at: seconds)], now: 2)
    }
    try records.apply(Self.services + [Self.slice("shop/s", of: "web", "10.0.0.1", at: 1)], now: 1)
    try records.declareReady(now: 1)
    #expect(sums == [:], "the first picture")
    try apply("10.0.0.1", at: 90)
    #expect(sums == [:], "nothing changes")
    try apply("10.0.0.2", at: nil)
    #expect(sums == [:], "nobody says when")
    try apply("10.0.0.3", at: 90)
    #expect(sums == [.clusterIP: 10])
    try apply("10.0.0.4", at: 90)
    try apply("10.0.0.5", at: 80)
    #expect(sums == [.clusterIP: 10], "not later than before")
    try apply("10.0.0.6", at: 99)
    try apply("10.0.0.7", at: 101)
    #expect(sums == [.clusterIP: 11], "a clock that is ahead counts as zero")
    #expect(durations.read()[.clusterIP]?.counts.reduce(0, +) == 3)
  }

  @Test func `what has no names does not count`() throws {
    let records = try records { $0.namespaces = ["lab"] }
    try records.apply(Self.services, now: 1)
    try records.declareReady(now: 1)
    try records.apply([Self.slice("shop/s", of: "web", "10.0.0.1", at: 90)], now: 2)
    #expect(sums == [:])
  }

  @Test func `the table of what was seen has room for any number of slices`() throws {
    let records = try records()
    try records.apply(Self.services, now: 1)
    try records.declareReady(now: 1)
    let changes = (0..<3_000).map { Self.slice("shop/s\($0)", of: "web", "10.0.0.1", at: 99) }
    try records.apply(changes, now: 2)
    #expect(sums == [.clusterIP: 3_000])
  }

  @Test(arguments: [
    (-1.0, 0), (0, 0), (0.001, 0), (0.0011, 1), (0.002, 1), (1, 10), (524.288, 19), (524.3, 20),
    (1e9, 20),
  ])
  func `buckets hold what is not above their bound`(seconds: Double, place: Int) {
    durations.observe(kind: .clusterIP, seconds: seconds)
    let counts = durations.read()[.clusterIP]?.counts ?? []
    #expect(counts.count == 21)
    #expect(counts.firstIndex(of: 1) == place)
    #expect(counts.reduce(0, +) == 1)
  }

  @Test func `kinds have the metric's names`() {
    #expect(
      ServiceKind.allCases.map(\.rawValue) == [
        "cluster_ip", "headless_with_selector", "headless_without_selector",
      ])
    #expect(ProgrammingDurations.bounds.first == 0.001)
    #expect(ProgrammingDurations.bounds.last == 524.288)
  }
}
