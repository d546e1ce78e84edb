import Cluster
import Testing
import TestSupport

/// A reflector with records behind it and a model server on a virtual clock, with faults drawn from
/// a seed.
struct FaultSchedule {
  /// What goes on in a watch.
  private enum Health {
    case good
    /// Nothing comes any more.
    case silent
    /// Bookmarks come, changes do not.
    case frozen
  }

  private struct Connection {
    let id: UInt64
    let request: APIRequest
    var position = 0
    var isBegun = false
    var health = Health.good
    var lastBookmark = Duration.zero
  }

  private var random: SeededGenerator
  private var model: APIModel
  private var reflector: Reflector
  private let offersWatchList: Bool
  private var now = Duration.seconds(5_000)
  private var connection: Connection?
  private var areFaultsOn = true
  private var isRenewing = false
  private var isPinnedRejected = false
  /// What the events passed on so far come to.
  private let world: RecordWorld
  /// The first thing that must not happen.
  private(set) var complaint: String?
  private(set) var faultCount = 0

  init(seed: UInt64) throws {
    world = try RecordWorld()
    random = SeededGenerator(seed: seed)
    model = APIModel(random: &random)
    var options = ReflectorOptions()
    options.pageObjectCountMax = 3
    options.changeCountMax = 4
    options.usesWatchList = seed % 2 == 0
    offersWatchList = seed % 3 > 0
    reflector = Reflector(
      APIResource(kind: .service), options: options,
      random: SeededGenerator(seed: seed ^ 0xABCD))
  }

  /// Runs faults for a while, then none for half an hour, and tells what is wrong at the end.
  mutating func run(stepCount: Int) throws -> String? {
    take(reflector.start(at: now))
    for _ in 0..<stepCount where complaint == nil { step() }
    areFaultsOn = false
    let end = now + .seconds(1_800)
    while now < end, complaint == nil { step() }
    for _ in 0..<50 where complaint == nil { quietStep() }
    if let complaint { return complaint }
    if let difference = try difference() { return difference }
    guard reflector.sync == .synced, let age = reflector.age(at: now), age < .seconds(600) else {
      return "not in step: \(String(describing: reflector.age(at: now)))"
    }
    return nil
  }

  /// How what is kept and published differs from what the server has.
  private func difference() throws -> String? {
    let truth = model.truth
    let (records, keys) = (world.records, world.records.keys(of: .service).sorted())
    if keys != truth.keys.sorted() { return "\(keys) for \(truth.keys.sorted())" }
    if records.count(of: .service) != truth.count { return "another count" }
    for key in keys {
      let uid = ObjectUID(text: model.objects[key]?.uid ?? "")
      let id = ObjectID(kind: .service, key: key)
      if records.uid(of: id) != uid { return "another UID of \(key)" }
    }
    let fresh = try RecordWorld()
    try fresh.apply(truth.values.map(ObjectChange.set))
    return fresh.contents == world.contents ? nil : "other records"
  }

  var counters: ReflectorCounters { reflector.counters }

  // MARK: - Steps

  private mutating func draw(_ bound: UInt64) -> UInt64 { random.next() % bound }

  /// Whether a fault of this rarity strikes now.
  private mutating func strikes(_ rarity: UInt64) -> Bool {
    guard areFaultsOn, draw(rarity) == 0 else { return false }
    faultCount += 1
    return true
  }

  private mutating func step() {
    now += .milliseconds(Int64(draw(draw(10) == 0 ? 40_000 : 3_000)))
    // Without faults little changes, so that what was missed is not told anew by chance.
    if draw(areFaultsOn ? 3 : 60) == 0 { model.change(&random) }
    if draw(areFaultsOn ? 40 : 400) == 0 { model.compact() }
    if strikes(150) {
      model.restore()
      if let id = connection?.id { send(.failed(id, "reset")) }
    }
    if strikes(200) { now += .seconds(3_600) }
    serve()
    if strikes(300) { take(reflector.handle(.timer, at: now - .seconds(7_200))) }
    settle()
  }

  /// Time without changes, so that what was sent arrives.
  private mutating func quietStep() {
    now += .seconds(1)
    serve()
    settle()
  }

  private mutating func settle() {
    if isRenewing, !strikes(4) {
      isRenewing = false
      send(.credentialsRefreshed)
    }
    if let deadline = reflector.deadline, deadline <= now { send(.timer) }
    guard reflector.sync == .synced else { return }
    if !world.records.isReady { try? world.records.declareReady(now: 1) }
    for key in APIModel.pinned
    where world.records.uid(of: ObjectID(kind: .service, key: key)) == nil {
      if !isPinnedRejected { complaint = complaint ?? "\(key) is gone while it exists" }
    }
  }

  private mutating func send(_ event: ReflectorEvent) {
    take(reflector.handle(event, at: now))
  }

  private mutating func take(_ actions: [ReflectorAction]) {
    for action in actions {
      switch action {
      case .send(let id, let request): connection = Connection(id: id, request: request)
      case .cancel(let id): if connection?.id == id { connection = nil }
      case .refreshCredentials: isRenewing = true
      case .apply(let events, _):
        if events.isEmpty || events.count > 4 { complaint = "a batch of \(events.count)" }
        let hasPinned = events.contains { APIModel.pinned.contains($0.key) }
        if perform(action) == .rejected, hasPinned { isPinnedRejected = true }
      case .sweep: _ = perform(action)
      case .tell: break
      }
    }
  }

  private enum Fate {
    case taken
    case rejected
  }

  private mutating func perform(_ action: ReflectorAction) -> Fate {
    if !strikes(60), let event = world.records.perform(action, now: RecordWorld.start) {
      send(event)
      return .taken
    }
    send(.rejected)
    return .rejected
  }

  // MARK: - The server

  private mutating func serve() {
    guard var current = connection else { return }
    if current.isBegun {
      connection = current
      return serveWatch()
    }
    if strikes(12) { return refuse(current) }
    if strikes(25) { return }  // Slow, or for ever.
    switch current.request {
    case .list(let limit, let token): servePage(current.id, limit, token)
    case .watch(let version, _):
      current.position = Int(version) ?? 0
      if let status = model.complaint(from: current.position) {
        guard draw(2) == 0 else {
          connection = nil
          return send(.refused(current.id, status))
        }
        send(.accepted(current.id))
        return send(.watched(current.id, .error(status)))
      }
      begin(&current)
    case .watchFromStart:
      guard offersWatchList else {
        connection = nil
        return send(.refused(current.id, APIStatus(code: 422, reason: "Invalid")))
      }
      serveFirstObjects(&current)
    }
  }

  private mutating func begin(_ current: inout Connection) {
    current.isBegun = true
    current.lastBookmark = now
    connection = current
    send(.accepted(current.id))
  }

  private mutating func refuse(_ current: Connection) {
    let statuses = [401, 401, 403, 429, 500, 503, 504, 410, 404]
    let code = statuses[Int(draw(UInt64(statuses.count)))]
    connection = nil
    switch draw(4) {
    case 0: send(.failed(current.id, "refused"))
    case 1: send(.ended(current.id))
    default:
      let delay: Duration? = draw(3) == 0 ? .seconds(Int64(draw(20))) : nil
      send(.refused(current.id, APIStatus(code: code, retryAfter: delay)))
    }
  }

  private mutating func servePage(_ id: UInt64, _ limit: Int, _ token: String) {
    switch model.page(limit: limit, token: token) {
    case .failure(let status): send(.refused(id, status))
    case .success(let page):
      send(.accepted(id))
      let half = page.items.count / 2
      send(.listed(id, Array(page.items[..<half])))
      if strikes(12) {
        return send(draw(2) == 0 ? .ended(id) : .failed(id, "the list is cut short"))
      }
      send(.listed(id, Array(page.items[half...])))
      if strikes(40) { return send(.listEnded(id, APIListEnd(version: ""))) }
      send(.listEnded(id, page.end))
      // The response ends after what was read from it.
      send(.ended(id))
    }
  }

  private mutating func serveFirstObjects(_ current: inout Connection) {
    current.position = model.version
    begin(&current)
    for key in model.objects.keys.sorted() {
      if strikes(100) { return send(.failed(current.id, "reset")) }
      if let item = model.objects[key] { send(.watched(current.id, .set(item))) }
    }
    send(
      .watched(
        current.id, .bookmark(version: "\(current.position)", endsFirstEvents: true)))
  }

  private mutating func serveWatch() {
    guard var current = connection else { return }
    if strikes(60) { current.health = draw(2) == 0 ? .silent : .frozen }
    connection = current
    if strikes(40) { return breakOff(current.id) }
    if draw(60) == 0 { return send(.ended(current.id)) }
    guard current.health != .silent else { return }
    if current.health == .good {
      if let status = model.complaint(from: current.position) {
        return send(.watched(current.id, .error(status)))
      }
      var steps = model.history.filter { $0.version > current.position }
      if steps.count > 1, strikes(80) { steps.swapAt(0, 1) }
      for step in steps {
        deliver(step, to: current.id)
        if strikes(60) { deliver(step, to: current.id) }
      }
    }
    // The connection may be another by now.
    guard connection?.id == current.id else { return }
    connection?.position = max(current.position, model.version)
    if now - current.lastBookmark >= .seconds(60) {
      connection?.lastBookmark = now
      let version = connection?.position ?? 0
      send(.watched(current.id, .bookmark(version: "\(version)", endsFirstEvents: false)))
    }
  }

  private mutating func deliver(_ step: APIModel.Step, to id: UInt64) {
    send(.watched(id, step.isDeletion ? .deleted(step.item) : .set(step.item)))
  }

  private mutating func breakOff(_ id: UInt64) {
    switch draw(3) {
    case 0: send(.failed(id, "reset"))
    case 1: send(.watched(id, .error(APIStatus(code: 410, reason: "Expired"))))
    default: send(.watched(id, .error(APIStatus(code: 0))))
    }
  }
}
