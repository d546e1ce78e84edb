import PluginChain
import Server
import Testing

/// When a connection ends by the clock, one nanosecond before and after each deadline.
@Suite struct TCPDeadlineTests {
  private static let start: UInt64 = 5_000_000_000_000

  private let limits: ServerLimits = {
    var limits = ServerLimits()
    // No two alike, so that none can stand in for another.
    limits.tcpFirstOctetNanoseconds = 300
    limits.tcpMessageNanoseconds = 500
    limits.tcpWriteNanoseconds = 700
    limits.tcpIdleNanoseconds = 1100
    limits.connectionOutputOctetCountMax = 100
    return limits
  }()

  private let message = [0, 12] + [UInt8](repeating: 1, count: 12)

  private func state() -> TCPConnectionState {
    TCPConnectionState(limits: limits, now: Self.start)
  }

  /// The state must last until `time` after the start, and end one nanosecond later.
  private func expectEnd(
    _ state: TCPConnectionState, _ end: TCPConnectionState.End, after time: UInt64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(state.end(now: Self.start + time) == nil, sourceLocation: sourceLocation)
    #expect(state.end(now: Self.start + time + 1) == end, sourceLocation: sourceLocation)
  }

  @Test func `the first octet has its own deadline`() {
    expectEnd(state(), .finished, after: 300)
  }

  @Test func `a message has a deadline from its first octet`() {
    var state = state()
    state.received([0], now: Self.start + 200)
    expectEnd(state, .aborted, after: 200 + 500)
    // Dripping octets does not move it.
    state.received([12], now: Self.start + 400)
    state.received([1], now: Self.start + 690)
    expectEnd(state, .aborted, after: 200 + 500)
  }

  @Test func `after a whole message the idle deadline counts`() {
    var state = state()
    state.received(message[...], now: Self.start + 200)
    _ = state.nextMessage(now: Self.start + 210)
    expectEnd(state, .finished, after: 210 + 1100)
  }

  @Test func `a second message has its deadline from when the first was done`() {
    var state = state()
    state.received((message + [0, 12, 1])[...], now: Self.start + 100)
    _ = state.nextMessage(now: Self.start + 250)
    expectEnd(state, .aborted, after: 250 + 500)
    state.received(message[3...], now: Self.start + 300)
    #expect(state.nextMessage(now: Self.start + 310) != nil)
    expectEnd(state, .finished, after: 310 + 1100)
  }

  @Test func `each message moves the idle deadline`() {
    var state = state()
    for round in 1...5 as ClosedRange<UInt64> {
      state.received(message[...], now: Self.start + round * 1000)
      #expect(state.nextMessage(now: Self.start + round * 1000) != nil)
      state.compact()
    }
    expectEnd(state, .finished, after: 5000 + 1100)
  }

  @Test func `untaken output has a deadline that only taking moves`() {
    var state = state()
    state.output = [UInt8](repeating: 0, count: 10)
    state.noteRoomAwaited(now: Self.start + 50)
    expectEnd(state, .stalled, after: 50 + 700)
    state.output.append(0)
    state.noteRoomAwaited(now: Self.start + 600)
    expectEnd(state, .stalled, after: 50 + 700)
    state.wrote(1, now: Self.start + 700)
    expectEnd(state, .stalled, after: 700 + 700)
    state.wrote(10, now: Self.start + 1000)
    expectEnd(state, .finished, after: 1000 + limits.tcpFirstOctetNanoseconds)
  }

  @Test func `output added after all was taken has a deadline of its own`() {
    var state = state()
    state.output = [1]
    state.noteRoomAwaited(now: Self.start)
    state.wrote(1, now: Self.start + 10)
    state.noteRoomAwaited(now: Self.start + 20)
    state.output = [1]
    state.noteRoomAwaited(now: Self.start + 300)
    expectEnd(state, .stalled, after: 300 + 700)
  }

  @Test func `a client that takes output slowly is not idle`() {
    var state = state()
    state.received(message[...], now: Self.start)
    _ = state.nextMessage(now: Self.start)
    state.output = [UInt8](repeating: 0, count: 20)
    state.noteRoomAwaited(now: Self.start)
    for round in 1...20 as ClosedRange<UInt64> {
      #expect(state.end(now: Self.start + round * 600) == nil)
      state.wrote(1, now: Self.start + round * 600)
    }
    expectEnd(state, .finished, after: 12_000 + 1100)
  }

  // MARK: - Age

  /// A connection that is old after 10,000 to 15,000 ns, and quiet after 50.
  private func aging(queryCountMax: Int? = nil) -> TCPConnectionState {
    var limits = limits
    limits.tcpAgeNanosecondsMax = 10_000
    limits.tcpQuietNanoseconds = 50
    limits.tcpIdleNanoseconds = 90_000_000_000
    limits.tcpQueryCountMax = queryCountMax ?? limits.tcpQueryCountMax
    return TCPConnectionState(limits: limits, now: Self.start)
  }

  @Test func `an old connection ends when all has been said`() {
    var state = aging()
    state.received(message[...], now: Self.start + 9_000)
    _ = state.nextMessage(now: Self.start + 9_000)
    #expect(state.end(now: Self.start + 9_999) == nil)
    #expect(state.idleTenths(now: Self.start + 9_999) == 900)
    #expect(state.idleTenths(now: Self.start + 15_000) == 0)
    // Busy, it goes on for as long as it is.
    for time in stride(from: 15_000 as UInt64, to: 50_000, by: 50) {
      state.received(message[...], now: Self.start + time)
      _ = state.nextMessage(now: Self.start + time)
      #expect(state.end(now: Self.start + time + 50) == nil)
    }
    expectEnd(state, .finished, after: 49_950 + 50)
    // Half a query, or one that waits, holds it.
    state.received([0, 12, 1], now: Self.start + 60_000)
    #expect(state.end(now: Self.start + 60_500) == nil)
    state.received(message[3...], now: Self.start + 60_500)
    _ = state.nextMessage(now: Self.start + 60_500)
    state.waitingCount = 1
    #expect(state.end(now: Self.start + 70_000) == nil)
  }

  @Test func `connections that were made together do not end together`() {
    var limits = limits
    limits.tcpAgeNanosecondsMax = 120_000_000_000
    limits.tcpIdleNanoseconds = 10_000_000_000
    let ends = (0..<64 as Range<UInt64>).map { number in
      let start = Self.start + number * 1_000
      let state = TCPConnectionState(limits: limits, now: start)
      return (120...181).first { state.idleTenths(now: start + $0 * 1_000_000_000) == 0 } ?? 0
    }
    #expect(ends.min() == 120 && (ends.max() ?? 0) >= 175 && Set(ends).count > 50)
  }

  @Test func `a limit of queries takes the place of the age`() {
    var timeouts = StreamTimeouts()
    timeouts.queryCountMax = .max
    var limits = ServerLimits()
    limits.tcpAgeNanosecondsMax = 1
    limits = limits.with(timeouts)
    let state = TCPConnectionState(limits: limits, now: Self.start)
    #expect(state.idleTenths(now: .max - 1) == 100)
  }

  // MARK: - Waiting

  @Test func `a query that waits keeps a connection open`() {
    var state = state()
    state.received(message[...], now: Self.start)
    _ = state.nextMessage(now: Self.start)
    state.waitingCount = 1
    #expect(state.end(now: Self.start + 1_000_000) == nil)
    state.waitingCount = 0
    state.output = [1]
    state.noteRoomAwaited(now: Self.start + 1_000_000)
    state.wrote(1, now: Self.start + 1_000_000)
    expectEnd(state, .finished, after: 1_000_000 + 1100)
  }

  @Test func `untaken output ends a connection that also waits`() {
    var state = state()
    state.waitingCount = 1
    state.output = [1]
    state.noteRoomAwaited(now: Self.start)
    expectEnd(state, .stalled, after: 700)
  }

  @Test func `messages that wait for room have the deadline too`() {
    var state = state()
    state.received((message + message)[...], now: Self.start)
    _ = state.nextMessage(now: Self.start)
    state.output = [1]
    // The kernel took all of it and says that it takes no more: no output of ours is pending.
    state.wrote(1, now: Self.start + 100)
    state.noteRoomAwaited(now: Self.start + 100)
    expectEnd(state, .stalled, after: 100 + 700)
    state.noteRoomAwaited(now: Self.start + 300)
    expectEnd(state, .stalled, after: 100 + 700)
    // There is room again.
    _ = state.nextMessage(now: Self.start + 400)
    state.noteRoomAwaited(now: Self.start + 400)
    expectEnd(state, .finished, after: 400 + 1100)
  }

  // MARK: - What is not the client's fault

  @Test func `a whole message that we have not answered has no deadline`() {
    var state = state()
    state.output = [UInt8](repeating: 0, count: 100)
    state.noteRoomAwaited(now: Self.start)
    state.received((message + message)[...], now: Self.start)
    #expect(state.nextMessage(now: Self.start) == nil, "paused")
    state.wrote(50, now: Self.start + 600)
    state.wrote(50, now: Self.start + 1200)
    #expect(state.end(now: Self.start + 1200) == nil)
    #expect(state.nextMessage(now: Self.start + 1200) != nil)
  }

  @Test func `a message that we did not read on has its time again after a pause`() {
    var state = state()
    state.received((message + [0, 12, 1])[...], now: Self.start)
    _ = state.nextMessage(now: Self.start)
    state.output = [UInt8](repeating: 0, count: 100)
    state.noteRoomAwaited(now: Self.start)
    #expect(state.isPaused)
    state.wrote(100, now: Self.start + 600)
    expectEnd(state, .aborted, after: 600 + 500)
  }

  @Test func `a time before the last event ends nothing`() {
    var state = state()
    #expect(state.end(now: Self.start - 1) == nil)
    state.received([0], now: Self.start + 100)
    #expect(state.end(now: Self.start + 99) == nil)
    state.received(message[1...], now: Self.start + 100)
    _ = state.nextMessage(now: Self.start + 100)
    #expect(state.end(now: Self.start + 99) == nil)
    state.output = [1]
    state.noteRoomAwaited(now: Self.start + 200)
    #expect(state.end(now: Self.start + 199) == nil)
  }
}
