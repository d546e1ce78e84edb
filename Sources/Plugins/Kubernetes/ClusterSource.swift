import Cluster
import Corefile
import DNSWire
import Glibc
import PluginChain
import RecordStore
import Sockets
import Synchronization

/// What feeds a `kubernetes` block: reads the manifests, then follows them, and keeps the store up
/// to date. The one writer of its store.
final class ClusterSource: ZoneExporter {
  /// The store's owner; `nil` when there is no address space for it.
  let records: ClusterRecords?
  private let configuration: KubernetesConfiguration
  private let log: any LogSink
  /// How long changes took to be served.
  let durations = ProgrammingDurations(clock: ClusterSource.clock)
  private let shadowing = Mutex(ShadowingNamespaces())
  private let manifests = Mutex<ManifestSource?>(nil)
  /// Changes that the store could not take; they go in with the next round.
  private let undelivered = Mutex<[ObjectChange]>([])

  /// A source that has read nothing. `bindings` are `bind`'s addresses, for the NS record.
  init(_ configuration: KubernetesConfiguration, bindings: [String], log: any LogSink) {
    self.configuration = configuration
    self.log = log
    var options = configuration.options
    options.serverAddresses = Self.serverAddresses(bindings)
    records = ClusterRecords(options: options, now: Self.now(), durations: durations)
  }

  /// Whether the first full picture is published.
  var isReady: Bool { records?.isReady ?? false }

  /// The reader number of dumps, behind the workers'; only one runs at a time.
  private static let exportReader = Quiescence.readerCountMax - 1

  /// Seconds since 1970: the serial's clock.
  private static func now() -> UInt32 { UInt32(truncatingIfNeeded: time(nil)) }

  /// Seconds since 1970, with a fraction.
  private static func clock() -> Double {
    var time = timespec()
    // SAFETY: the call fills the value that it is given and keeps no pointer to it.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
  }

  /// The addresses that queries can be sent to, loopback left out, as CoreDNS names them. A
  /// wildcard stands for all addresses of its family.
  private static func serverAddresses(_ bindings: [String]) -> [IPAddress] {
    let named = bindings.compactMap { IPAddress(text: $0) }
    let wildcards = named.filter { $0.high == 0 && $0.low == 0 }
    let own = InterfaceAddress.all().filter { entry in
      bindings.isEmpty || bindings.contains(entry.interface)
        || wildcards.contains { ($0.family == .v6) == entry.address.isV6 }
    }
    let all = own.map { plain($0.address) } + named.filter { !wildcards.contains($0) }
    return all.filter { address in
      address.family == .v4
        ? address.v4Value >> 24 != 127 : address != IPAddress(v6High: 0, low: 1)
    }
  }

  private static func plain(_ address: SocketAddress) -> IPAddress {
    address.isV6
      ? IPAddress(v6High: address.high, low: address.low)
      : IPAddress(v4: UInt32(truncatingIfNeeded: address.high >> 32))
  }

  // MARK: - Starting and following

  /// Reads everything. Serving waits no longer than `startup_timeout`: then queries are answered
  /// SERVFAIL until the picture is whole.
  func prepare(_ mode: StartMode) async throws {
    if configuration.manifests.isEmpty {
      if mode == .once { throw StartError(KubernetesConfiguration.withoutSource) }
      return
    }
    for path in configuration.manifests where unsafe access(path.text, R_OK) != 0 {
      throw StartError("\(path.position): error: \(path.text): \(SystemError("open"))")
    }
    let source: ManifestSource
    do throws(ManifestProblem) {
      source = try ManifestSource(paths: configuration.manifests.map(\.text))
    } catch {
      throw StartError(error.description)
    }
    manifests.withLock { $0 = source }
    guard mode == .serve else { return try load(source) }
    try await loadInTime(source)
    if !isReady {
      log.write(.warning, "plugin/kubernetes: starting before the manifests are loaded")
    }
  }

  /// Loads on a thread of its own, which then starts to follow the files, and waits for the first
  /// picture no longer than `startup_timeout`.
  private func loadInTime(_ source: ManifestSource) async throws {
    let (results, continuation) = AsyncStream<Result<Void, any Error>>.makeStream()
    _ = try SystemThread(name: "manifests") { [self] in
      let result = Result { try load(source) }
      if case .success = result { _ = source.follow { [self] round in publish(round) } }
      if case .terminated = continuation.yield(result), case .failure(let error) = result {
        log.write(.error, "plugin/kubernetes: \(error)")
      }
    }
    Task.detached { [configuration] in
      try? await Task.sleep(for: configuration.startupTimeout)
      continuation.finish()
    }
    for await result in results { return try result.get() }
  }

  private func load(_ source: ManifestSource) throws {
    let round = source.load()
    // Something loaded is served, with the rest told; nothing at all is a mistake to be seen at
    // once.
    if let first = round.problems.first(where: { $0.severity == .error }), round.changes.isEmpty {
      throw StartError(first.description)
    }
    publish(round)
  }

  /// Waits for the end, then stops following.
  func run() async {
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    manifests.withLock { $0 }?.stop()
  }

  private func publish(_ round: ManifestRound) {
    for problem in round.problems {
      let level: LogLevel = problem.severity == .error ? .error : .warning
      log.write(level, "plugin/kubernetes: \(problem)")
    }
    for change in round.changes {
      if let text = shadowing.withLock({ $0.warning(change) }) {
        log.write(.warning, "plugin/kubernetes: \(text)")
      }
    }
    undelivered.withLock { waiting in
      let changes = waiting + round.changes
      do throws(StoreError) {
        try records?.apply(changes, now: Self.now())
        try records?.declareReady(now: Self.now())
        waiting = []
      } catch {
        waiting = changes
        log.write(.error, "plugin/kubernetes: the record store is full; changes are not served")
      }
    }
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
