import Plugins
import Testing
import Upstreams

/// When host names are looked up again, and what workers see of it.
@Suite struct HostScheduleTests {
  private static let second: UInt64 = 1_000_000_000

  @Test(
    arguments: [
      (0, 5), (4, 5), (5, 5), (30, 30), (3600, 3600), (86_400, 3600), (UInt32.max, 3600),
    ] as [(UInt32, UInt64)])
  func `a TTL is kept within five seconds and an hour`(ttl: UInt32, seconds: UInt64) {
    var schedule = HostSchedule()
    #expect(schedule.due == 0)
    schedule.succeeded(ttl: ttl, now: 7)
    #expect(schedule.due == 7 + seconds * Self.second)
  }

  @Test func `failures are retried later and later, up to a minute`() {
    var schedule = HostSchedule()
    var waits: [UInt64] = []
    var now: UInt64 = 1000
    for _ in 0..<30 {
      schedule.failed(now: now)
      waits.append((schedule.due - now) / Self.second)
      now = schedule.due
    }
    #expect(Array(waits.prefix(8)) == [1, 2, 4, 8, 16, 32, 60, 60])
    #expect(waits.suffix(22).allSatisfy { $0 == 60 })
    schedule.succeeded(ttl: 60, now: now)
    schedule.failed(now: now)
    #expect(schedule.due == now + Self.second)
    #expect(schedule.failureCount == 1)
  }

  @Test func `a directory counts the lists that differ`() throws {
    let run = try FollowerRun("192.0.2.1 192.0.2.2")
    let upstreams = run.follower.directory.current().upstreams
    let directory = UpstreamDirectory()
    #expect(directory.generation == 0 && directory.current().upstreams.isEmpty)
    #expect(directory.publish(upstreams))
    #expect(!directory.publish(upstreams))
    #expect(directory.generation == 1 && directory.current().generation == 1)
    #expect(directory.publish(Array(upstreams.reversed())))
    #expect(directory.generation == 2)
    #expect(directory.current().upstreams.map(\.text) == ["192.0.2.2:53", "192.0.2.1:53"])
  }
}
