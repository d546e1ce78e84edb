import Cluster
import Corefile
import DNSWire
import Files
import PluginChain
import RecordStore
import Sockets
import Synchronization

/// What is behind a `kubernetes` block: its records, and the feed that keeps them up to date. It
/// stays over reloads that do not change the block.
final class ClusterSource: ZoneExporter {
  /// The store's owner; `nil` when there is no address space for it.
  let records: ClusterRecords?
  let configuration: KubernetesConfiguration
  private let feed: (any ClusterFeed)?
  /// How long changes took to be served.
  private let durations = ProgrammingDurations(clock: WallClock.secondsSince1970)

  /// A source that has read nothing. `bindings` are `bind`'s addresses, for the NS record.
  init(
    _ configuration: KubernetesConfiguration, bindings: [String], version: String,
    log: any LogSink
  ) {
    self.configuration = configuration
    var options = configuration.options
    options.serverAddresses = Self.serverAddresses(bindings)
    let records = ClusterRecords(
      options: options, now: UInt32(truncatingIfNeeded: WallClock.now), durations: durations)
    self.records = records
    guard let records else {
      feed = nil
      return
    }
    if configuration.manifests.isEmpty {
      feed = LiveFeed(configuration, into: records, version: version, log: log)
    } else {
      feed = ManifestFeed(
        configuration.manifests, startupTimeout: configuration.startupTimeout, into: records,
        log: log)
    }
  }

  /// Whether the first full picture is published.
  var isReady: Bool { records?.isReady ?? false }

  /// The reader number of dumps, behind the workers'; only one runs at a time.
  private static let exportReader = Quiescence.readerCountMax - 1

  /// The addresses that queries can be sent to, loopback left out, as CoreDNS names them. A
  /// wildcard stands for all addresses of its family.
  private static func serverAddresses(_ bindings: [String]) -> [IPAddress] {
    let named = bindings.compactMap { IPAddress(text: $0) }
    let wildcards = named.filter(\.isWildcard)
    let own = InterfaceAddress.all().filter { entry in
      bindings.isEmpty || bindings.contains(entry.interface)
        || wildcards.contains { ($0.family == .v6) == entry.address.isV6 }
    }
    let all = own.map { plain($0.address) } + named.filter { !wildcards.contains($0) }
    return all.filter { !$0.isLoopback }
  }

  private static func plain(_ address: SocketAddress) -> IPAddress {
    address.isV6
      ? IPAddress(v6High: address.high, low: address.low)
      : IPAddress(v4: UInt32(truncatingIfNeeded: address.high >> 32))
  }

  // MARK: - Starting and following

  /// Begins, and waits for the first full picture as `mode` wants it.
  func prepare(_ mode: StartMode) async throws {
    guard let feed else { return }
    try await feed.prepare(mode)
  }

  /// Follows changes until cancelled.
  func run() async { await feed?.run() }

  /// What `prometheus` shows.
  var metrics: [MetricFamily] {
    ClusterMetrics.families(durations) + (feed?.metrics ?? [])
      + (records.map { ObjectMetrics.families(configuration.resources, $0) } ?? [])
  }

  // MARK: - Exporting

  var zones: [DomainName] { configuration.zones }

  func records(of zone: DomainName) -> [ResourceRecord] {
    guard let records,
      let storeZone = configuration.storeZones.first(where: { $0.zone == zone })?.storeZone
    else { return [] }
    let snapshot = records.store.enter(reader: Self.exportReader)
    defer { records.store.leave(reader: Self.exportReader) }
    guard snapshot.isReady else { return [] }
    var result = [startOfAuthority(zone, snapshot.serial)]
    snapshot.forEachName(zone: storeZone) { name, sets in
      guard let owner = DomainName(wire: name + zone.wire) else { return }
      for set in sets { result += set.records(owner: owner, zone: zone) }
    }
    return result
  }

  private func startOfAuthority(_ zone: DomainName, _ serial: UInt32) -> ResourceRecord {
    func name(_ labels: [String]) -> [UInt8] {
      labels.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) } + zone.wire
    }
    let ttl = configuration.options.ttl
    let numbers = [serial, 7200, 1800, 86_400, ttl].flatMap { number in
      (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> UInt32($0 * 8)) }
    }
    return ResourceRecord(
      owner: zone, type: .soa, ttl: min(ttl, Kubernetes.negativeTTLMax),
      data: name(["ns", "dns"]) + name(["hostmaster"]) + numbers)
  }
}
