import APISimulator
import Cluster
import Synchronization
import TestSupport
import Testing

/// A server that stops and starts, and an API server that is away or in part.
@Suite struct OutageStartTests {
  /// One start: a store, a follower and a keeper.
  private final class Start: Sendable {
    let records: ClusterRecords
    let keeper: ObjectsKeeper
    let follower: ClusterFollower
    let told: Told
    private let tasks = Mutex<[Task<Void, Never>]>([])

    init(_ api: APIServer, _ file: SavedObjectsFile) throws {
      records = try SavedWorld.records().records
      var configuration = try APIServerConfiguration.endpoint(api.url)
      configuration.credentials = .token("token-1")
      var options = ReflectorOptions()
      options.retryDelayMin = .milliseconds(20)
      options.retryDelayMax = .milliseconds(50)
      var keeping = ObjectsKeeper.Options()
      keeping.interval = .milliseconds(20)
      keeping.pause = .milliseconds(5)
      let told = Told()
      keeper = ObjectsKeeper(file, of: records, options: keeping) { told.add($0) }
      follower = ClusterFollower(
        [.service, .endpointSlice, .namespace, .pod].map(APIResource.init), of: configuration,
        into: records, version: "1", options: options
      ) { _ in }
      self.told = told
    }

    /// Follows and saves.
    func run() {
      let list = [
        Task { [follower] in await follower.run() },
        Task { [keeper, follower] in await keeper.run { follower.age } },
      ]
      tasks.withLock { $0 = list }
    }

    /// Stops, as a server does.
    func stop() async {
      let list = tasks.withLock { $0 }
      for task in list { task.cancel() }
      for task in list { await task.value }
      await keeper.saveAtEnd(age: follower.age)
    }

    /// What the answers are made of.
    var contents: [[[UInt8]: String]] { SavedWorld.contents(records) }
  }

  /// What was told.
  private final class Told: Sendable {
    private let notices = Mutex<[ReflectorNotice]>([])

    func add(_ notice: ReflectorNotice) { notices.withLock { $0.append(notice) } }

    var messages: [String] { notices.withLock { $0.map(\.message) } }
  }

  /// A file that a server left which knew all of a shop.
  private func saved(_ api: APIServer, _ world: SavedWorld) async throws -> [[[UInt8]: String]] {
    let start = try Start(api, world.file)
    #expect(await start.keeper.load() == false)
    #expect(start.keeper.counters.missingCount == 1 && start.told.messages.isEmpty)
    start.run()
    #expect(await start.follower.waitUntilSynced(atMost: .seconds(600)))
    try await requireEventually { start.keeper.counters.saveCount > 0 }
    let contents = start.contents
    await start.stop()
    #expect(start.keeper.counters.saveFailureCount == 0)
    return contents
  }

  @Test func `a start without an API server answers from the file until there is one`()
    async throws
  {
    let (api, world) = (try await APIServer(world: SimulatedShop.world()), try SavedWorld())
    let before = try await saved(api, world)
    try await api.close()

    let start = try Start(api, world.file)
    #expect(await start.keeper.load())
    start.run()
    #expect(await !start.follower.waitUntilSyncedOrFailed(atMost: .seconds(600)))
    #expect(!start.records.isReady)
    #expect(start.keeper.age == nil, "nothing is served")
    #expect(start.keeper.serve())
    #expect(start.records.isReady && start.records.arePodsReady && start.records.isStale)
    #expect(SavedWorld.isStale(start.records) && start.contents == before)
    #expect(start.keeper.age != nil && start.keeper.counters.loadedCount == 1)
    #expect(start.told.messages.count == 1, "\(start.told.messages)")
    #expect(start.keeper.counters.saveCount == 0, "nothing is known for sure")

    api.world.delete(.services, "shop", "web")
    api.world.put(.service("shop", "new", SimulatedService(clusterIPs: ["10.0.0.77"])))
    try await api.open()
    try await requireEventually { !SavedWorld.isStale(start.records) }
    #expect(!start.records.isStale && start.keeper.age == nil && start.records.isCurrent)

    let fresh = try Start(api, try SavedWorld().file)
    fresh.run()
    try await requireEventually { fresh.records.isCurrent }
    #expect(start.contents == fresh.contents && start.contents != before)
    for kind in ObjectKind.allCases {
      #expect(start.records.count(of: kind) == fresh.records.count(of: kind))
      #expect(start.records.octetCount(of: kind) == fresh.records.octetCount(of: kind))
    }
    try await requireEventually { start.keeper.counters.saveCount > 0 }
    await start.stop()
    await fresh.stop()
    try await api.stop()
  }

  @Test func `with an API server nothing of the file is ever answered`() async throws {
    let (api, world) = (try await APIServer(world: SimulatedShop.world()), try SavedWorld())
    _ = try await saved(api, world)
    api.world.delete(.services, "shop", "web")
    api.world.delete(.pods, "shop", "db-1")
    let start = try Start(api, world.file)
    #expect(await start.keeper.load())
    start.run()
    #expect(await start.follower.waitUntilSynced(atMost: .seconds(600)))
    #expect(!SavedWorld.isStale(start.records) && start.records.isCurrent)
    #expect(start.records.count(of: .service) == 2 && start.records.count(of: .pod) == 1)
    let contents = start.contents
    #expect(start.keeper.serve(), "there are answers")
    #expect(!SavedWorld.isStale(start.records) && start.contents == contents)
    await start.stop()
    try await api.stop()
  }

  @Test func `kinds that were seen are as they are, the others as they were saved`() async throws {
    let (api, world) = (try await APIServer(world: SimulatedShop.world()), try SavedWorld())
    _ = try await saved(api, world)
    api.access.forbid(.endpointSlices)
    api.world.delete(.services, "shop", "web")
    api.world.delete(.endpointSlices, "shop", "db-y")
    let start = try Start(api, world.file)
    #expect(await start.keeper.load())
    start.run()
    try await requireEventually {
      start.follower.statuses.count { $0.sync == .synced } == 3
    }
    #expect(!start.records.isReady)
    #expect(start.keeper.serve() && SavedWorld.isStale(start.records))
    #expect(start.records.count(of: .service) == 2, "as it is")
    #expect(start.records.count(of: .endpointSlice) == 2, "as it was")
    api.access.allow(.endpointSlices)
    try await requireEventually { !SavedWorld.isStale(start.records) }
    #expect(start.records.count(of: .endpointSlice) == 1)
    await start.stop()
    try await api.stop()
  }

  @Test func `a file that is not one is told once and left alone`() async throws {
    let (api, world) = (try await APIServer(world: SimulatedShop.world()), try SavedWorld())
    _ = try await saved(api, world)
    var octets = try world.octets()
    octets[octets.count / 2] ^= 1
    try world.write(octets)
    let start = try Start(api, world.file)
    #expect(await start.keeper.load() == false)
    #expect(start.keeper.counters.refusedCount == 1)
    let line = "the snapshot \(world.file.path) is not used: it is damaged or cut short"
    #expect(start.told.messages == [line])
    #expect(start.records.count(of: .service) == 0 && start.keeper.age == nil)
    await start.stop()
    #expect(try world.octets() == octets, "nothing was known")
    try await api.stop()
  }

  @Test func `a disk that fails is told once, and again when it works`() async throws {
    let (api, world) = (try await APIServer(world: SimulatedShop.world()), try SavedWorld())
    let place = SavedObjectsFile(path: world.folder.path("later/objects"), terms: "")
    let start = try Start(api, place)
    #expect(await start.keeper.load() == false)
    start.run()
    try await requireEventually { start.keeper.counters.saveFailureCount > 3 }
    #expect(start.told.messages.count == 1, "\(start.told.messages)")
    #expect(start.told.messages.first?.contains("cannot be saved") == true)
    try SavedWorld.makeFolder(world.folder.path("later"))
    try await requireEventually { start.keeper.counters.saveCount == 1 }
    #expect(start.told.messages.count == 2)
    try await requireEventually { start.follower.age != nil }
    await start.stop()
    #expect(start.keeper.counters.saveCount == 2, "the last one has the last time")
    try await api.stop()
  }

  @Test func `a file is saved after changes and not over another server's`() async throws {
    let (api, world) = (try await APIServer(world: SimulatedShop.world()), try SavedWorld())
    let start = try Start(api, world.file)
    start.run()
    try await requireEventually { start.keeper.counters.saveCount == 1 }
    api.world.put(.service("shop", "new", SimulatedService(clusterIPs: ["10.0.0.77"])))
    try await requireEventually { start.keeper.counters.saveCount == 2 }
    let saved = try SavedWorld.records().records
    try saved.load(try world.file.read())
    #expect(saved.count(of: .service) == 4)
    try world.file.save(try SavedWorld.records([]).records, time: 5)
    await start.stop()
    #expect(try world.file.read().time == 5 && start.keeper.counters.saveCount == 2)
    try await api.stop()
  }
}
