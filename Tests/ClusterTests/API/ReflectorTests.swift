import Cluster
import Testing

@Suite struct ReflectorTests {
  private typealias Item = ReflectorHarness

  @Test func `a list in pages, then a watch`() {
    var world = ReflectorHarness()
    world.start()
    #expect(world.story() == ["list 500"])
    world.list(["a", "b"], token: "t/2")
    #expect(world.story() == ["+a +b", "list 500 from t/2"])
    #expect(world.reflector.sync == .never)
    world.list(["c"], version: "12")
    #expect(world.story() == ["+c", "watch 12"])
    #expect(world.reflector.sync == .synced)
    #expect(world.notices == ["synced 3 services"])
  }

  @Test func `a new list passes on what differs, and what is gone at its end`() {
    var world = ReflectorHarness()
    world.sync("a", "b", "c")
    world.watched(.bookmark(version: "11", endsFirstEvents: false))
    world.watched(.error(APIStatus(code: 410, reason: "Expired")))
    #expect(world.story() == ["cancel", "list 500"])
    #expect(world.names == ["a", "b", "c"], "old data is there meanwhile")
    world.list(["a", "b@2", "d"], version: "20")
    #expect(world.story() == ["+b +d", "-c", "watch 20"])
  }

  @Test func `changes come in batches`() {
    var world = ReflectorHarness { $0.changeCountMax = 2 }
    world.start()
    world.list(["a", "b", "c", "d", "e"])
    #expect(world.story() == ["list 500", "+a +b", "+c +d", "+e", "watch 10"])
  }

  @Test func `what was known before is marked against`() {
    var world = ReflectorHarness()
    let objects = ["a", "b"].compactMap { Item.item($0).object }
    _ = try? world.records?.apply(objects.map(ObjectChange.set), now: 1)
    #expect(world.reflector.sync == .never)
    world.start()
    world.list(["a", "c"])
    #expect(world.story() == ["list 500", "+c", "-b", "watch 10"])
  }

  @Test func `a page whose token is gone leads to a whole list`() {
    var world = ReflectorHarness()
    world.start()
    world.list(["a"], token: "t")
    world.send(.refused(world.id, APIStatus(code: 410, reason: "Expired")))
    #expect(world.story() == ["list 500", "+a", "list 500 from t", "list 0"])
    world.list(["b"], version: "30")
    #expect(world.story() == ["+b", "-a", "watch 30"])
  }

  @Test func `a page that fails is asked for again, then the list`() {
    var world = ReflectorHarness()
    world.start()
    world.list(["a"], token: "t")
    for _ in 0..<6 {
      world.send(.failed(world.id, "reset"))
      world.pass(.seconds(30))
    }
    let pages = Array(repeating: "list 500 from t", count: 6)
    #expect(world.story() == ["list 500", "+a"] + pages + ["list 500"])
  }

  @Test(arguments: [APIListEnd(version: ""), APIListEnd(version: "1", continueToken: "t")])
  func `an end that makes no sense starts over`(end: APIListEnd) {
    var world = ReflectorHarness()
    world.start()
    world.list([], token: "t")
    world.send(.listEnded(world.id, end))
    world.pass(.seconds(1))
    #expect(world.story() == ["list 500", "list 500 from t", "list 500"])
    #expect(world.reflector.sync == .never)
  }

  @Test func `an object that cannot be told keeps everything`() {
    var world = ReflectorHarness()
    world.sync("a", "b")
    world.watched(.bookmark(version: "11", endsFirstEvents: false))
    world.watched(.error(APIStatus(code: 410)))
    let unreadable = APIObject(key: nil, object: nil, isRefused: true, uid: "", version: "")
    world.send(.listed(world.id, [unreadable]))
    world.list(["a"])
    #expect(world.names == ["a", "b"])
    #expect(world.reflector.counters.refusedObjectCount == 1)
  }

  @Test func `a refused object keeps its last version, but not another's`() {
    var world = ReflectorHarness()
    world.sync("a", "b")
    for name in ["a", "b"] {
      let uid = name == "a" ? "a" : "new"
      world.watched(
        .set(
          APIObject(
            key: Item.item(name).key, object: nil, isRefused: true, uid: uid, version: "8")))
    }
    #expect(world.names == ["a"])
  }

  @Test func `a slice that leaves its Service goes`() {
    var world = ReflectorHarness()
    world.sync("a", "b")
    world.watched(.set(APIObject(key: Item.item("a").key, object: nil, uid: "a", version: "8")))
    #expect(world.story() == ["-a"])
  }

  // MARK: - Watch events

  @Test func `events are passed on once`() {
    var world = ReflectorHarness()
    world.sync("a", "b")
    world.watched(.set(Item.item("a@2", version: "11")))
    world.watched(.set(Item.item("a@2", version: "11")))
    world.watched(.set(Item.item("c", version: "12")))
    world.watched(.deleted(Item.item("b", version: "13")))
    world.watched(.deleted(Item.item("b", version: "13")))
    #expect(world.story() == ["+a", "+c", "-b"])
    #expect(world.reflector.version == "13")
    #expect(world.reflector.counters.setEventCount == 3)
  }

  @Test func `only the object with the UID is deleted`() {
    var world = ReflectorHarness()
    world.sync("a#1")
    world.watched(.set(Item.item("a#2", version: "11")))
    world.watched(.deleted(Item.item("a#1", version: "12")))
    #expect(world.names == ["a"])
    #expect(world.reflector.counters.otherUIDCount == 1)
    world.watched(.deleted(Item.item("a#2", version: "13")))
    #expect(world.names == [])
  }

  @Test func `versions are not numbers`() {
    var world = ReflectorHarness()
    world.sync("a", version: "900")
    world.watched(.set(Item.item("a@2", version: "x-5")))
    world.watched(.set(Item.item("a@3", version: "12")))
    world.pass(.seconds(5))
    world.send(.ended(world.id))
    #expect(world.story() == ["+a", "+a", "watch 12"])
  }

  @Test func `a bookmark moves the version and the age`() {
    var world = ReflectorHarness()
    #expect(world.reflector.age(at: world.now) == nil)
    world.sync("a")
    world.pass(.seconds(60))
    #expect(world.reflector.age(at: world.now) == .seconds(60))
    world.watched(.bookmark(version: "50", endsFirstEvents: false))
    #expect(world.reflector.age(at: world.now) == .zero)
    world.send(.ended(world.id))
    #expect(world.story() == ["watch 50"])
  }

  @Test func `changes that were not taken come again`() {
    var world = ReflectorHarness()
    world.sync("a", "b")
    world.isFull = true
    world.watched(.set(Item.item("a@2", version: "11")))
    world.watched(.deleted(Item.item("b", version: "12")))
    world.isFull = false
    #expect(world.story() == [])
    world.pass(.seconds(30))
    world.list(["a@2"], version: "20")
    #expect(world.story() == ["cancel", "list 500", "+a", "-b", "watch 20"])
    world.pass(.seconds(89))
    #expect(world.story() == [], "once")
  }

  @Test func `a list that was not taken, in part or at its end, comes again`() {
    var world = ReflectorHarness()
    world.sync("a", "b")
    world.watched(.error(APIStatus(code: 410)))
    world.pass(.seconds(30))
    world.isFull = true
    world.list(["c"], version: "20")
    world.send(.accepted(world.id))
    world.isFull = false
    _ = world.story()
    #expect(world.names == ["a", "b"])
    world.pass(.seconds(30))
    world.list(["c"], version: "30")
    #expect(world.story() == ["cancel", "list 500", "+c", "-a -b", "watch 30"])
  }

  // MARK: - Events of requests that are over

  @Test func `a request that is over says nothing`() {
    var world = ReflectorHarness()
    world.sync("a")
    let old = world.id
    world.pass(.seconds(5))
    world.send(.ended(old))
    _ = world.story()
    world.send(.watched(old, .deleted(Item.item("a"))))
    world.send(.failed(old, "reset"))
    world.send(.refused(old, APIStatus(code: 410)))
    world.send(.listed(old, [Item.item("z")]))
    world.send(.listEnded(old, APIListEnd(version: "1")))
    #expect(world.story() == [])
    #expect(world.reflector.stop() == [.cancel(world.id)])
    #expect(world.reflector.deadline == nil)
  }
}
