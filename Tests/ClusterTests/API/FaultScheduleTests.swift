import Cluster
import Foundation
import Testing

/// Whatever happens between server and reflector: after it stops, objects and records equal what
/// the server has, and what exists all the time is never gone in between.
///
/// `SWIFTLET_SCHEDULE_COUNT` raises the number of schedules.
@Suite struct FaultScheduleTests {
  private static let scheduleCountMin = 1_000
  private static let partCount = 8

  private static var scheduleCount: Int {
    let wish = ProcessInfo.processInfo.environment["SWIFTLET_SCHEDULE_COUNT"].flatMap { Int($0) }
    return max(scheduleCountMin, wish ?? 0)
  }

  @Test(arguments: 0..<partCount)
  func `after the faults the objects are the server's`(part: Int) throws {
    var total = ReflectorCounters()
    var faultCount = 0
    for seed in stride(from: part, to: Self.scheduleCount, by: Self.partCount) {
      var schedule = try FaultSchedule(seed: UInt64(seed))
      if let complaint = try schedule.run(stepCount: 300) {
        Issue.record("seed \(seed): \(complaint)")
        return
      }
      faultCount += schedule.faultCount
      let counters = schedule.counters
      total.listCount += counters.listCount
      total.relistCount += counters.relistCount
      total.verificationCount += counters.verificationCount
      total.differenceCount += counters.differenceCount
      total.silenceCount += counters.silenceCount
      total.otherUIDCount += counters.otherUIDCount
      total.errorEventCount += counters.errorEventCount
      total.unauthorizedCount += counters.unauthorizedCount
      total.forbiddenCount += counters.forbiddenCount
    }
    // The schedules are as bad as they should be.
    #expect(faultCount > 1_000)
    for count in [
      total.listCount, total.relistCount, total.verificationCount, total.differenceCount,
      total.silenceCount, total.errorEventCount, total.unauthorizedCount, total.forbiddenCount,
    ] {
      #expect(count > 10, "\(total)")
    }
  }
}
