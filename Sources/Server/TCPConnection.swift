import DNSWire

/// The framing and the deadlines of one TCP connection, without any I/O: octets and the clock in,
/// messages and decisions out (RFC 1035 §4.2.2, RFC 7766).
package struct TCPConnectionState {
  /// Why a connection ends.
  package enum End: Equatable {
    /// Everything is said: the client finished and has its replies.
    case finished
    /// The client broke the rules or was too slow.
    case aborted
    /// The client did not take its replies: what the kernel still holds of them is worth nothing.
    case stalled
  }

  private let limits: ServerLimits
  /// Octets received and not yet consumed.
  package private(set) var input: [UInt8] = []
  private var inputStart = 0
  /// Replies with their lengths, not yet taken by the kernel from `outputStart` on.
  package var output: [UInt8] = []
  private(set) var outputStart = 0
  /// The client finished sending (half-close): replies still go out (RFC 9210 §4.3).
  package private(set) var clientFinished = false
  /// Queries of this connection that are parked.
  package var waitingCount = 0
  private var hasSpoken = false
  /// Queries received.
  private var queryCount = 0
  /// The last query that this connection may ask has come: what follows it is not looked at.
  private var isSpent: Bool { queryCount >= limits.tcpQueryCountMax }
  /// When it is old (`ServerLimits.tcpAgeNanosecondsMax`).
  private let oldAt: UInt64
  /// When the state last changed for the better: connected, a message completed, output taken.
  private(set) var idleSince: UInt64
  private var messageSince: UInt64?
  private var outputSince: UInt64?

  /// A connection that was accepted at `now`.
  package init(limits: ServerLimits, now: UInt64) {
    self.limits = limits
    idleSince = now
    // The lowest bits of the clock tell connections apart.
    let share = limits.tcpAgeNanosecondsMax / 128 &* (now / 1_000 % 64)
    let (sum, isFarAway) = now.addingReportingOverflow(limits.tcpAgeNanosecondsMax)
    oldAt = isFarAway ? .max : sum &+ min(share, .max - sum)
  }

  /// Octets held for this connection.
  package var octetCount: Int { input.count - inputStart + output.count - outputStart }
  /// Replies that the kernel has not taken.
  package var pendingOutput: Range<Int> { outputStart..<output.count }
  /// Too much output waits: reading stops until the client takes some (backpressure).
  package var isPaused: Bool { pendingOutput.count >= limits.connectionOutputOctetCountMax }

  /// A whole message, or a length that cannot be, waits in `input`: it is our turn.
  package var hasMessage: Bool {
    guard !isSpent, let length = nextLength else { return false }
    return length < WireLimits.headerOctetCount || input.count - inputStart - 2 >= length
  }

  private var nextLength: Int? {
    guard input.count - inputStart >= 2 else { return nil }
    return Int(input[inputStart]) << 8 | Int(input[inputStart + 1])
  }

  /// Takes octets that were read.
  package mutating func received(_ octets: ArraySlice<UInt8>, now: UInt64) {
    if inputStart > 0, inputStart == input.count {
      input.removeAll(keepingCapacity: true)
      inputStart = 0
    }
    if messageSince == nil { messageSince = now }
    hasSpoken = true
    input += octets
  }

  /// The client will send no more.
  package mutating func receivedEnd() {
    clientFinished = true
  }

  /// The next whole message, as a range of `input`; `nil` when there is none yet or the connection
  /// is paused. A length below a header's is reported as an empty range: the caller aborts.
  package mutating func nextMessage(now: UInt64) -> Range<Int>? {
    guard !isPaused, !isSpent, let length = nextLength else { return nil }
    if length < WireLimits.headerOctetCount { return 0..<0 }
    guard input.count - inputStart - 2 >= length else { return nil }
    let message = (inputStart + 2)..<(inputStart + 2 + length)
    inputStart = message.upperBound
    idleSince = now
    messageSince = inputStart == input.count ? nil : now
    queryCount += 1
    if isSpent { clientFinished = true }
    return message
  }

  /// Forgets consumed input, after a round of messages.
  package mutating func compact() {
    if inputStart == input.count {
      // A large buffer is not kept for a small future.
      input.removeAll(keepingCapacity: input.capacity <= 16_384)
      inputStart = 0
    } else if inputStart > 65_536 {
      input.removeFirst(inputStart)
      inputStart = 0
    }
  }

  /// Notes, after writing, whether output or messages behind it wait for the client to make room:
  /// that has a deadline, which only taking output moves.
  package mutating func noteRoomAwaited(now: UInt64) {
    if pendingOutput.isEmpty, !hasMessage {
      outputSince = nil
    } else if outputSince == nil {
      outputSince = now
    }
  }

  /// Notes that the kernel took `count` octets.
  package mutating func wrote(_ count: Int, now: UInt64) {
    let wasPaused = isPaused
    outputStart += count
    idleSince = now
    // While we did not read, the client could not finish its message.
    if wasPaused, !isPaused, messageSince != nil { messageSince = now }
    if outputStart >= output.count {
      output.removeAll(keepingCapacity: output.capacity <= 16_384)
      outputStart = 0
      outputSince = nil
    } else {
      outputSince = now
      if outputStart > 65_536 {
        output.removeFirst(outputStart)
        outputStart = 0
      }
    }
  }

  /// Whether the connection has ended at `now`, and how.
  package func end(now: UInt64) -> End? {
    if let outputSince, elapsed(since: outputSince, now) > limits.tcpWriteNanoseconds {
      return .stalled
    }
    if !pendingOutput.isEmpty || waitingCount > 0 || hasMessage { return nil }
    if clientFinished { return .finished }
    if let messageSince, elapsed(since: messageSince, now) > limits.tcpMessageNanoseconds {
      return .aborted
    }
    if now >= oldAt, messageSince == nil,
      elapsed(since: idleSince, now) > limits.tcpQuietNanoseconds
    {
      return .finished
    }
    let patience = hasSpoken ? limits.tcpIdleNanoseconds : limits.tcpFirstOctetNanoseconds
    return elapsed(since: idleSince, now) > patience ? .finished : nil
  }

  /// How long the client may be silent from now on, in tenths of a second; 0 when it is to close
  /// the connection (RFC 7828 §3.4).
  package func idleTenths(now: UInt64) -> UInt16 {
    now >= oldAt || isSpent ? 0 : UInt16(clamping: limits.tcpIdleNanoseconds / 100_000_000)
  }

  /// Nanoseconds from `start` to `now`; 0 when the caller's `now` is older than the last event.
  private func elapsed(since start: UInt64, _ now: UInt64) -> UInt64 {
    now > start ? now - start : 0
  }
}
