import Synchronization

/// Spreads requests in time: a bucket of tokens that fills at a rate, and a number of requests
/// that may be under way at once.
package final class RequestPacer: Sendable {
  private struct State {
    /// Tokens in the bucket at `time`; negative when requests wait for theirs.
    var tokenCount: Double
    var time: ContinuousClock.Instant
    var inflightCount = 0
    var lastNumber: UInt64 = 0
    /// Requests that wait for others to end, the first first.
    var waiting: [(number: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
  }

  private let limits: RequestLimits
  private let state: Mutex<State>

  /// A full bucket.
  package init(_ limits: RequestLimits) {
    self.limits = limits
    state = Mutex(State(tokenCount: Double(max(1, limits.burst)), time: .now))
  }

  // MARK: - Rate

  /// Waits for a token; how long it took.
  func waitForToken() async throws(CancellationError) -> Duration {
    let pause = takeToken(at: .now)
    guard pause > .zero else { return .zero }
    do {
      try await Task.sleep(for: pause)
    } catch {
      state.withLock { $0.tokenCount += 1 }
      throw CancellationError()
    }
    return pause
  }

  /// Takes a token, and tells how long it takes until it is there.
  package func takeToken(at now: ContinuousClock.Instant) -> Duration {
    guard limits.ratePerSecond > 0 else { return .zero }
    return state.withLock { state in
      let seconds = max(0, (now - state.time) / .seconds(1))
      let burst = Double(max(1, limits.burst))
      state.tokenCount = min(burst, state.tokenCount + seconds * limits.ratePerSecond) - 1
      state.time = max(now, state.time)
      guard state.tokenCount < 0 else { return .zero }
      return .seconds(min(-state.tokenCount / limits.ratePerSecond, Self.pauseSecondsMax))
    }
  }

  private static let pauseSecondsMax = 60.0

  // MARK: - Requests under way

  /// Waits until there are not too many requests under way; each `enter` has its `leave`.
  func enter() async throws(CancellationError) {
    let number = state.withLock { state in
      state.lastNumber &+= 1
      return state.lastNumber
    }
    let isIn = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          // A cancellation before this line found nobody waiting.
          if Task.isCancelled { return false }
          guard state.inflightCount >= max(1, limits.inflightMax) else {
            state.inflightCount += 1
            return true
          }
          state.waiting.append((number, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      giveUp(number)
    }
    if !isIn { throw CancellationError() }
  }

  /// A request is over; the next one may go.
  func leave() {
    let next = state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.inflightCount -= 1
        return CheckedContinuation<Bool, Never>?.none
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume(returning: true)
  }

  private func giveUp(_ number: UInt64) {
    let continuation = state.withLock { state in
      let index = state.waiting.firstIndex { $0.number == number }
      return index.map { state.waiting.remove(at: $0).continuation }
    }
    continuation?.resume(returning: false)
  }
}
