import Cluster
import Foundation
import TestSupport
import Testing

/// Whatever happens on the sockets between server and client: after it stops, what was passed on
/// equals what the server has, what exists all the time is never gone in between, and nothing but
/// lists and watches was asked for.
///
/// `SWIFTLET_SIMULATOR_SCHEDULE_COUNT` sets the number of schedules, from the seed
/// `SWIFTLET_SIMULATOR_SCHEDULE_SEED` on.
@Suite(.serialized) struct SocketScheduleTests {
  private static let partCount = 8

  private static func number(_ name: String, _ usual: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
  }

  @Test func `after the faults the objects are the server's`() async throws {
    let count = Self.number("SWIFTLET_SIMULATOR_SCHEDULE_COUNT", 32)
    let first = Self.number("SWIFTLET_SIMULATOR_SCHEDULE_SEED", 0)
    let thread = APIThread()
    let certificate = try TestCertificate(names: "IP:127.0.0.1")
    let total = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for part in 0..<Self.partCount {
        group.addTask {
          var sums: [UInt64] = []
          for seed in stride(from: first + part, to: first + count, by: Self.partCount) {
            let (complaint, counters) = try await SocketSchedule.run(
              seed: UInt64(seed), stepCount: 120, thread: thread, certificate: certificate)
            if let complaint { Issue.record("seed \(seed): \(complaint)") }
            sums = Self.sum(sums, Self.values(counters))
          }
          return sums
        }
      }
      return try await group.reduce([]) { Self.sum($0, $1) }
    }
    await thread.stop()
    // The schedules are as bad as they should be.
    if count >= 32 {
      #expect(total.allSatisfy { $0 > 0 }, "\(total)")
    }
  }

  private static func values(_ counters: ReflectorCounters) -> [UInt64] {
    [
      counters.listCount, counters.pageCount, counters.relistCount, counters.verificationCount,
      counters.watchCount, counters.setEventCount, counters.deleteEventCount,
      counters.bookmarkCount, counters.errorEventCount, counters.refusedObjectCount,
      counters.silenceCount, counters.failureCount, counters.unauthorizedCount,
      counters.forbiddenCount,
    ]
  }

  private static func sum(_ one: [UInt64], _ other: [UInt64]) -> [UInt64] {
    one.isEmpty ? other : other.isEmpty ? one : zip(one, other).map { $0 + $1 }
  }
}
