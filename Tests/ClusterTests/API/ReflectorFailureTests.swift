import Cluster
import Testing

@Suite struct ReflectorFailureTests {
  private typealias Item = ReflectorHarness

  /// The pause until the next request, watched until then.
  private func pause(_ world: inout ReflectorHarness) -> Duration {
    let start = world.now
    let end = world.reflector.deadline ?? start
    world.pass(end - start)
    return end - start
  }

  @Test func `delays double up to 30 s, less up to a half, and start over after a calm`() {
    var world = ReflectorHarness()
    world.start()
    var expected = Duration.milliseconds(800)
    for _ in 0..<10 {
      world.send(.failed(world.id, "refused"))
      let delay = pause(&world)
      #expect(delay <= expected && delay >= expected / 2)
      expected = min(expected * 2, .seconds(30))
    }
    world.list(["a"])
    world.send(.accepted(world.id))
    world.watched(.bookmark(version: "11", endsFirstEvents: false))
    world.pass(.seconds(80))
    world.watched(.bookmark(version: "12", endsFirstEvents: false))
    world.pass(.seconds(80))
    world.send(.failed(world.id, "reset"))
    #expect(pause(&world) <= .milliseconds(800))
    #expect(world.notices.filter { $0.contains("cannot be followed") }.count < 5)
    #expect(world.notices.contains("services cannot be followed: refused; trying again"))
  }

  @Test(arguments: [429, 500, 503])
  func `Retry-After is honored`(code: Int) {
    var world = ReflectorHarness()
    world.start()
    world.send(.refused(world.id, APIStatus(code: code, retryAfter: .seconds(20))))
    let delay = pause(&world)
    #expect(delay >= .seconds(20) && delay <= .seconds(25))
    #expect(world.story() == ["list 500", "list 500"])
    world.send(.refused(world.id, APIStatus(code: code, retryAfter: .seconds(86_400))))
    #expect(pause(&world) <= .seconds(375))
  }

  @Test func `401 asks for credentials, then waits`() {
    var world = ReflectorHarness()
    world.sync("a")
    world.send(.failed(world.id, "reset"))
    _ = pause(&world)
    #expect(world.story() == ["watch 10"])
    world.send(.refused(world.id, APIStatus(code: 401)))
    #expect(world.story() == ["refresh"])
    world.send(.credentialsRefreshed)
    #expect(world.story() == ["watch 10"])
    world.send(.refused(world.id, APIStatus(code: 401)))
    #expect(world.story() == [], "the second time in a row there is a pause")
    _ = pause(&world)
    world.send(.refused(world.id, APIStatus(code: 401)))
    #expect(world.story() == ["watch 10", "refresh"])
    _ = pause(&world)
    #expect(world.story() == ["watch 10"], "credentials that do not come are not waited for")
    #expect(world.reflector.counters.unauthorizedCount == 3)
    #expect(world.names == ["a"])
  }

  @Test func `403 is tried for ever and told once a minute`() {
    var world = ReflectorHarness()
    world.start()
    let start = world.now
    while world.now - start < .seconds(600) {
      world.send(
        .refused(world.id, APIStatus(code: 403, reason: "Forbidden", message: "no")))
      _ = pause(&world)
    }
    let told = world.notices.filter {
      $0 == "not allowed to list services: the API server says 403 (Forbidden: no)"
    }
    #expect(told.count >= 7 && told.count <= 11, "\(told.count)")
    #expect(told.count == world.notices.count)
    #expect(world.reflector.counters.forbiddenCount > 20)
  }

  // MARK: - Watches that end

  @Test func `a watch that ended is taken up at once`() {
    var world = ReflectorHarness()
    world.sync("a")
    world.pass(.seconds(50))
    world.send(.traffic(world.id))
    world.pass(.seconds(50))
    world.send(.ended(world.id))
    #expect(world.story() == ["watch 10"])
  }

  @Test func `a watch that ends at once waits`() {
    var world = ReflectorHarness()
    world.sync("a")
    world.send(.ended(world.id))
    #expect(world.story() == [])
    _ = pause(&world)
    #expect(world.story() == ["watch 10"])
  }

  @Test func `watches that end at once with events wait in the end`() {
    var world = ReflectorHarness()
    world.sync("a")
    for _ in 0..<4 {
      world.watched(.bookmark(version: "11", endsFirstEvents: false))
      world.send(.ended(world.id))
      world.send(.accepted(world.id))
    }
    #expect(world.story() == ["watch 11", "watch 11", "watch 11"])
  }

  @Test func `silence of 90 s is noticed`() {
    var world = ReflectorHarness()
    world.sync("a")
    world.pass(.seconds(89))
    world.send(.traffic(world.id))
    world.pass(.seconds(89))
    #expect(world.story() == [])
    world.pass(.seconds(1))
    #expect(world.story() == ["cancel", "watch 10"])
    world.pass(.seconds(90))
    #expect(world.story() == ["cancel"], "a server that does not even answer is given time")
    #expect(world.reflector.counters.silenceCount == 2)
  }

  @Test(arguments: [
    APIStatus(code: 410), APIStatus(code: 0, reason: "Expired"),
    APIStatus(code: 504, message: "Too large resource version: 5, current: 3"),
  ])
  func `a version that is no good leads to a list`(status: APIStatus) {
    for isEvent in [false, true] {
      var world = ReflectorHarness()
      world.sync("a")
      world.watched(.bookmark(version: "11", endsFirstEvents: false))
      if isEvent {
        world.watched(.error(status))
        #expect(world.story() == ["cancel", "list 500"])
      } else {
        world.pass(.seconds(5))
        world.send(.ended(world.id))
        world.send(.refused(world.id, status))
        #expect(world.story() == ["watch 11", "list 500"])
      }
      world.list(["a"])
      world.send(.refused(world.id, status))
      #expect(world.story() == ["watch 10"], "a list that led nowhere is not repeated at once")
      _ = pause(&world)
      #expect(world.story() == ["list 500"])
    }
  }

  @Test func `an error that says nothing leads to a list, after a pause`() {
    var world = ReflectorHarness()
    world.sync("a")
    world.watched(.error(APIStatus(code: 0)))
    #expect(world.story() == ["cancel"])
    _ = pause(&world)
    #expect(world.story() == ["list 500"])
    #expect(world.reflector.counters.errorEventCount == 1)
  }

  // MARK: - Verification

  @Test func `everything is listed again every ten minutes`() {
    var world = ReflectorHarness { $0.silenceMax = .seconds(100_000) }
    world.sync("a", "b", "c")
    world.pass(.seconds(539))
    #expect(world.story() == [])
    world.pass(.seconds(121))
    #expect(world.story() == ["cancel", "list 500"])
    world.list(["a", "b@2", "d"], version: "20")
    #expect(world.story() == ["+b +d", "-c", "watch 20"])
    #expect(world.reflector.counters.differenceCount == 3)
    #expect(world.reflector.counters.verificationCount == 1)
    #expect(world.reflector.counters.relistCount == 0)
  }

  @Test(arguments: [APIStatus(code: 403), APIStatus(code: 500)])
  func `a verification that fails goes back to the watch`(status: APIStatus) {
    var world = ReflectorHarness { $0.silenceMax = .seconds(100_000) }
    world.sync("a")
    world.pass(.seconds(660))
    world.send(.refused(world.id, status))
    world.pass(.seconds(1))
    #expect(world.story() == ["cancel", "list 500", "watch 10"])
  }

  @Test func `clocks that jump harm nothing`() {
    var world = ReflectorHarness()
    world.sync("a")
    world.now -= .seconds(3_600)
    world.watched(.set(Item.item("b", version: "11")))
    #expect(world.names == ["a", "b"])
    #expect(world.story() == ["+b"])
    world.now += .seconds(7_200)
    world.send(.timer)
    #expect(world.story() == ["cancel", "watch 11"])
    #expect(world.names == ["a", "b"])
  }
}
