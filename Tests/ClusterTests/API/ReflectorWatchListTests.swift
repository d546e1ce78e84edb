import Cluster
import Testing

/// Watches that begin with all objects (KEP-3157), and what comes where they are not to be had.
@Suite struct ReflectorWatchListTests {
  private typealias Item = ReflectorHarness

  private func watchList() -> ReflectorHarness {
    var world = ReflectorHarness { $0.usesWatchList = true }
    world.start()
    return world
  }

  /// Lets time pass until the next request.
  private func pause(_ world: inout ReflectorHarness) {
    let start = world.now
    world.pass((world.reflector.deadline ?? start) - start)
  }

  @Test func `a watch from the start is a list and a watch`() {
    var world = watchList()
    world.send(.accepted(world.id))
    world.watched(.set(Item.item("a")))
    world.watched(.bookmark(version: "8", endsFirstEvents: false))
    #expect(world.reflector.sync == .never)
    world.watched(.bookmark(version: "9", endsFirstEvents: true))
    #expect(world.reflector.sync == .synced)
    world.watched(.set(Item.item("b", version: "11")))
    world.pass(.seconds(5))
    world.send(.ended(world.id))
    #expect(world.story() == ["watch from start", "+a", "+b", "watch 11"])
  }

  // MARK: - Refusals

  @Test(arguments: [400, 403, 404, 405, 406, 410, 415, 422, 429, 500, 501, 502, 503, 504])
  func `where it is refused there is a list at once`(code: Int) {
    var world = watchList()
    world.send(.refused(world.id, APIStatus(code: code)))
    #expect(world.story() == ["watch from start", "list 500"])
    world.list(["a"])
    #expect(world.reflector.sync == .synced && world.names == ["a"])
    #expect(world.notices == ["synced 1 services"])
  }

  @Test func `credentials are read again before it is given up`() {
    var world = watchList()
    world.send(.refused(world.id, APIStatus(code: 401)))
    world.send(.credentialsRefreshed)
    #expect(world.story() == ["watch from start", "refresh", "watch from start"])
  }

  @Test(arguments: [429, 503])
  func `a server that wants to be left alone is`(code: Int) {
    var world = watchList()
    world.send(.refused(world.id, APIStatus(code: code, retryAfter: .seconds(20))))
    world.pass(.seconds(19))
    #expect(world.story() == ["watch from start"])
    world.pass(.seconds(7))
    #expect(world.story() == ["list 500"])
  }

  /// Those that say how the server is, and those that say how it is now.
  @Test(arguments: [(422, false), (400, false), (503, true), (410, true)])
  func `a later list tries again if that may help`(code: Int, isTriedAgain: Bool) {
    var world = watchList()
    world.send(.refused(world.id, APIStatus(code: code)))
    world.list(["a"])
    world.send(.accepted(world.id))
    world.watched(.bookmark(version: "11", endsFirstEvents: false))
    _ = world.story()
    world.watched(.error(APIStatus(code: 410)))
    #expect(world.story() == ["cancel", isTriedAgain ? "watch from start" : "list 500"])
  }

  @Test(arguments: [0, 400, 410, 429, 500, 504], [false, true])
  func `after an ERROR event there is a list at once`(code: Int, hasObjects: Bool) {
    var world = watchList()
    world.send(.accepted(world.id))
    if hasObjects { world.watched(.set(Item.item("a"))) }
    world.watched(.error(APIStatus(code: code)))
    let object = hasObjects ? ["+a"] : []
    #expect(world.story() == ["watch from start"] + object + ["cancel", "list 500"])
    world.list(["b"])
    #expect(world.names == ["b"])
  }

  // MARK: - Ends

  @Test func `one that breaks off is followed by a list`() {
    var world = watchList()
    world.send(.accepted(world.id))
    world.watched(.set(Item.item("a")))
    world.send(.ended(world.id))
    pause(&world)
    #expect(world.story() == ["watch from start", "+a", "list 500"])
    world.list([])
    #expect(world.story().first == "-a")
  }

  @Test func `one that cannot be asked for is asked for again`() {
    var world = watchList()
    world.send(.failed(world.id, "refused"))
    pause(&world)
    #expect(world.story() == ["watch from start", "watch from start"])
  }

  @Test func `an end without a version is no end`() {
    var world = watchList()
    world.send(.accepted(world.id))
    world.watched(.bookmark(version: "", endsFirstEvents: true))
    #expect(world.reflector.sync == .never)
    #expect(world.story() == ["watch from start", "cancel", "list 500"])
  }

  // MARK: - Servers that do not know it

  @Test func `all objects and then no end are given up for a list after 10 s`() {
    var world = watchList()
    world.send(.accepted(world.id))
    for name in ["a", "b", "c"] {
      world.pass(.seconds(9))
      world.watched(.set(Item.item(name)))
    }
    world.pass(.seconds(9))
    #expect(world.story() == ["watch from start", "+a", "+b", "+c"])
    world.pass(.seconds(1))
    #expect(world.story() == ["cancel", "list 500"])
  }

  @Test func `changes and bookmarks are no reason to wait for the end`() {
    var world = watchList()
    world.send(.accepted(world.id))
    world.watched(.set(Item.item("a")))
    for number in 0..<3 {
      world.pass(.seconds(3))
      world.watched(.set(Item.item("a@\(number)")))
      world.watched(.bookmark(version: "\(number)", endsFirstEvents: false))
    }
    world.pass(.seconds(1))
    #expect(world.story().last == "list 500")
  }

  @Test func `nothing at all is given up after 10 s`() {
    var world = watchList()
    world.pass(.seconds(60))
    world.send(.accepted(world.id))
    world.pass(.seconds(9))
    #expect(world.story() == ["watch from start"])
    world.pass(.seconds(1))
    #expect(world.story() == ["cancel", "list 500"])
  }

  @Test func `objects that go on coming are given up after 2 min`() {
    var world = watchList()
    world.send(.accepted(world.id))
    for number in 0..<23 {
      world.pass(.seconds(5))
      world.watched(.set(Item.item("a\(number)")))
    }
    #expect(!world.story().contains("list 500"))
    world.pass(.seconds(5))
    #expect(world.story() == ["cancel", "list 500"])
  }

  @Test func `a verification that fails goes back to the watch`() {
    var world = watchList()
    world.send(.accepted(world.id))
    world.watched(.set(Item.item("a")))
    world.watched(.bookmark(version: "9", endsFirstEvents: true))
    _ = world.story()
    while !world.story().contains("watch from start") {
      world.watched(.bookmark(version: "10", endsFirstEvents: false))
      world.pass(.seconds(60))
    }
    world.send(.failed(world.id, "reset"))
    pause(&world)
    #expect(world.story() == ["watch 10"])
    #expect(world.names == ["a"])
  }
}
