import APISimulator
import Cluster
import TestSupport
import Testing

/// A driver and a server over loopback sockets, with faults drawn from a seed.
struct SocketSchedule {
  private let kind: ObjectKind
  private let resource: ResourceKind
  private let server: APIServer
  private let folder: TemporaryFolder
  private let sink = ScheduleSink(pinned: ScheduleObjects.pinned)
  private var random: SeededGenerator
  private var number = 0
  private var tokenCount = 1

  private init(seed: UInt64, certificate: TestCertificate) async throws {
    random = SeededGenerator(seed: seed)
    kind = ObjectKind.native[Int(seed % 4)]
    resource = ScheduleObjects.resource(kind)
    var options = APIServerOptions()
    options.bookmarkInterval = .milliseconds(100)
    options.offersWatchList = random.next() % 2 == 0
    options.refusesExpiredWatches = random.next() % 2 == 0
    options.refusesFutureWatches = random.next() % 2 == 0
    options.hasProtobuf = random.next() % 4 > 0
    if random.next() % 4 == 0 {
      options.security = .tls(
        certificateFile: certificate.certificateFile, keyFile: certificate.keyFile,
        clientAuthorityFile: nil)
    }
    server = try await APIServer(options)
    folder = try TemporaryFolder()
    try folder.write("token", "token-1")
    for name in ScheduleObjects.pinned { put(name) }
    for _ in 0..<10 { change() }
  }

  /// Runs one schedule; tells what is wrong at its end.
  static func run(
    seed: UInt64, stepCount: Int, thread: APIThread, certificate: TestCertificate
  ) async throws -> (complaint: String?, counters: ReflectorCounters) {
    var schedule = try await SocketSchedule(seed: seed, certificate: certificate)
    var configuration = try APIServerConfiguration.endpoint(schedule.server.url)
    configuration.trust = .authorities(.file(certificate.certificateFile, field: "tls"))
    configuration.credentials = .tokenFile("\(schedule.folder.path)/token")
    configuration.limits.ratePerSecond = 10_000
    let client = APIClient(configuration, version: "0", thread: thread)
    let driver = ReflectorDriver(
      APIResource(kind: schedule.kind), client: client, options: Self.options(seed),
      sink: schedule.sink)
    let task = Task { await driver.run() }
    for _ in 0..<stepCount where schedule.sink.complaint == nil {
      try await schedule.step()
      try await Self.pause(.milliseconds(Int64(schedule.draw(30))))
    }
    try await schedule.calm()
    let complaint = try await schedule.verdict(driver)
    task.cancel()
    await task.value
    await client.close()
    try await schedule.server.stop()
    return (complaint, driver.status.counters)
  }

  /// Times a hundred times shorter than usual.
  private static func options(_ seed: UInt64) -> ReflectorOptions {
    var options = ReflectorOptions()
    options.pageObjectCountMax = 3
    options.changeCountMax = 4
    options.silenceMax = .milliseconds(400)
    options.verifyInterval = .milliseconds(500)
    options.watchSecondsMin = 1
    options.retryDelayMin = .milliseconds(8)
    options.retryDelayMax = .milliseconds(300)
    options.usesWatchList = seed / 4 % 2 == 0
    return options
  }

  /// Lets the others go on; nothing depends on how long it takes.
  private static func pause(_ time: Duration) async throws {
    let end = ContinuousClock.now + time
    try await requireEventually { ContinuousClock.now >= end }
  }

  // MARK: - The end

  /// Ends all faults.
  private func calm() async throws {
    server.faults.clear()
    server.access.rules = Access.usualRules
    try folder.write("token", "token-\(tokenCount)")
    // A watch that was frozen, and one on its way, end by themselves.
  }

  private func verdict(_ driver: ReflectorDriver) async throws -> String? {
    let deadline = ContinuousClock.now + .seconds(600)
    var isRight = false
    while !isRight, sink.complaint == nil, ContinuousClock.now < deadline {
      try await Self.pause(.milliseconds(10))
      isRight = sink.objects == truth && driver.status.sync == .synced
    }
    if let complaint = sink.complaint { return complaint }
    if let violation = server.log.violations.first { return "asked for \(violation.target)" }
    guard isRight else {
      return "\(difference) differ; \(driver.status); \(sink.notices.suffix(5)); "
        + "\(server.log.records.suffix(5).map { "\($0.target) \($0.code)" })"
    }
    return nil
  }

  private var truth: [ObjectKey: ClusterObject] {
    let objects = server.world.objects(resource).map { ScheduleObjects.expected(kind, $0) }
    return Dictionary(objects.map { ($0.key, $0) }) { _, last in last }
  }

  private var difference: [String] {
    let (known, truth) = (sink.objects, truth)
    return Set(known.keys).union(truth.keys).filter { known[$0] != truth[$0] }
      .map { "\($0)" }.sorted()
  }

  // MARK: - Steps

  private mutating func draw(_ bound: UInt64) -> UInt64 { random.next() % bound }

  private mutating func put(_ name: String) {
    number += 1
    server.world.put(ScheduleObjects.object(kind, name, number: number))
  }

  private mutating func change() {
    let index = Int(draw(UInt64(ScheduleObjects.names.count + ScheduleObjects.pinned.count)))
    let name = (ScheduleObjects.names + ScheduleObjects.pinned)[index]
    let isPinned = index >= ScheduleObjects.names.count
    switch draw(4) {
    case 0 where !isPinned:
      server.world.delete(resource, kind == .namespace ? "" : "shop", name)
    case 1 where !isPinned:
      number += 1
      server.world.replace(ScheduleObjects.object(kind, name, number: number))
    default: put(name)
    }
    server.world.skipVersions(Int(draw(3)))
  }

  private mutating func step() async throws {
    if draw(2) == 0 { return change() }
    switch draw(12) {
    case 0...3: server.faults.add(fault(), requests: 1 + Int(draw(2)))
    case 4: server.faults.add(connectionFault(), connections: 1 + Int(draw(2)))
    case 5, 6:
      let signals: [WatchSignal] = [
        .freeze, .freeze, .freeze, .end, .cut, .error(410), .error(500), .error(0),
      ]
      server.disturbWatches(signals[Int(draw(UInt64(signals.count)))])
    case 7:
      let downtime = Duration.milliseconds(Int64(draw(60)))
      try await server.restart(forgettingHistory: draw(2) == 0, downtime: downtime)
    case 8: draw(2) == 0 ? server.world.forgetHistory() : server.world.forgetSnapshots()
    case 9: try await rotateToken()
    case 10: draw(3) == 0 ? server.access.forbid(resource) : server.access.allow(resource)
    default: try await backUpOrRestore()
    }
  }

  /// The old token is refused for a moment before the new one can be read.
  private mutating func rotateToken() async throws {
    tokenCount += 1
    server.access.tokens = ["token-\(tokenCount)"]
    if draw(2) == 0 { server.dropConnections() }
    try await Self.pause(.milliseconds(Int64(draw(20))))
    try folder.write("token", "token-\(tokenCount)")
  }

  private mutating func backUpOrRestore() async throws {
    guard draw(2) == 0 else { return server.world.backUp() }
    _ = try await server.restore()
  }

  private mutating func fault() -> Fault {
    let codes = [401, 403, 404, 410, 429, 500, 503, 504]
    switch draw(13) {
    case 0, 1:
      return .status(codes[Int(draw(UInt64(codes.count)))], retryAfterSeconds: 0)
    case 2: return .status(429, retryAfterSeconds: 1)
    case 3: return .noHead
    case 4: return .tornBody(octetCount: Int(draw(3_000)), isEnded: draw(2) == 0)
    case 5: return .slowBody(octetCount: 400, every: .milliseconds(3))
    case 6: return .garbageBody
    case 7: return .expiredToken
    case 8: return .frozenWatch
    case 9: return .closedWatch
    case 10: return .watchError([0, 410, 500][Int(draw(3))])
    case 11: return .disorder
    default: return draw(8) == 0 ? .oversizedObject : .badObjects
    }
  }

  private mutating func connectionFault() -> ConnectionFault {
    switch draw(3) {
    case 0: .closed
    case 1: .noTLS
    default: .slow(.milliseconds(Int64(draw(50))))
    }
  }
}
