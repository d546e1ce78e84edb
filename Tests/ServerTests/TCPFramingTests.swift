import Server
import TestSupport
import Testing

/// Messages out of a stream of octets, however it is cut (RFC 1035 §4.2.2, RFC 7766 §8).
@Suite struct TCPFramingTests {
  private static func message(_ count: Int, _ mark: UInt8) -> [UInt8] {
    [UInt8](repeating: mark, count: count)
  }

  private static func framed(_ messages: [[UInt8]]) -> [UInt8] {
    messages.flatMap { word(UInt16(truncatingIfNeeded: $0.count)) + $0 }
  }

  private static let three = [message(12, 1), message(300, 2), message(13, 3)]

  private func state(outputMax: Int = 1 << 20) -> TCPConnectionState {
    var limits = ServerLimits()
    limits.connectionOutputOctetCountMax = outputMax
    return TCPConnectionState(limits: limits, now: 0)
  }

  /// Takes every whole message out, as the worker does after each read.
  private func take(_ state: inout TCPConnectionState) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    while let range = state.nextMessage(now: 0) {
      messages.append(Array(state.input[range]))
      if range.isEmpty { break }
    }
    state.compact()
    return messages
  }

  // MARK: - Cuts

  @Test func `a stream may be cut at any two places`() {
    let stream = Self.framed(Self.three)
    var wrong: [(Int, Int)] = []
    for first in 0...stream.count {
      for second in stride(from: first, through: stream.count, by: 1) {
        var state = state()
        var messages: [[UInt8]] = []
        for part in [stream[..<first], stream[first..<second], stream[second...]] {
          guard !part.isEmpty else { continue }
          state.received(part, now: 0)
          messages += take(&state)
        }
        if messages != Self.three || state.octetCount != 0 { wrong.append((first, second)) }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test func `a message comes out with its last octet and not before`() {
    let stream = Self.framed(Self.three)
    let ends = [14, 14 + 302, 14 + 302 + 15]
    var state = state()
    for (index, octet) in stream.enumerated() {
      state.received([octet], now: 0)
      let messages = take(&state)
      #expect(messages.count == (ends.contains(index + 1) ? 1 : 0), "octet \(index)")
    }
  }

  @Test func `the last query that a connection may ask ends it`() {
    var limits = ServerLimits()
    limits.tcpQueryCountMax = 2
    var state = TCPConnectionState(limits: limits, now: 0)
    state.received(Self.framed([Self.three[0]])[...], now: 0)
    #expect(take(&state) == [Self.three[0]])
    #expect(!state.clientFinished)
    #expect(state.end(now: 0) == nil)
    state.received(Self.framed([Self.three[1], Self.three[2]])[...], now: 0)
    #expect(take(&state) == [Self.three[1]])
    #expect(state.clientFinished)
    #expect(!state.hasMessage)
    // Its reply still goes out, and what it waits for.
    state.output = [1, 2, 3]
    #expect(state.end(now: 0) == nil)
    state.wrote(3, now: 0)
    state.waitingCount = 1
    #expect(state.end(now: 0) == nil)
    state.waitingCount = 0
    #expect(state.end(now: 0) == .finished)
  }

  @Test func `a thousand pipelined messages come out in order`() {
    let messages = (0..<1000).map { Self.message(12 + $0 % 50, UInt8(truncatingIfNeeded: $0)) }
    var state = state()
    state.received(Self.framed(messages)[...], now: 0)
    #expect(take(&state) == messages)
    #expect(state.octetCount == 0)
  }

  @Test func `the longest message is a message`() {
    var state = state()
    let longest = Self.message(65_535, 7)
    state.received(Self.framed([longest]).dropLast(), now: 0)
    #expect(take(&state).isEmpty)
    state.received([7], now: 0)
    #expect(take(&state) == [longest])
  }

  @Test(arguments: 0...11)
  func `a length below a header's ends the connection`(length: Int) {
    var state = state()
    let good = Self.message(12, 1)
    state.received(Self.framed([good])[...], now: 0)
    state.received(Self.framed([Self.message(length, 9), good])[...], now: 0)
    #expect(take(&state) == [good, []])
  }

  @Test func `a length is not judged before it is whole`() {
    var state = state()
    state.received([0], now: 0)
    #expect(state.nextMessage(now: 0) == nil)
    state.received([0], now: 0)
    #expect(state.nextMessage(now: 0) == 0..<0)
  }

  // MARK: - Memory

  @Test func `what was consumed is forgotten`() {
    let chunk = Self.framed((0..<100).map { _ in Self.message(500, 4) })
    let stream = Array(repeating: chunk, count: 60).flatMap { $0 }
    var state = state()
    var messageCount = 0
    var inputCountMax = 0
    // Reads never end where messages do.
    for start in stride(from: 0, to: stream.count, by: 65_521) {
      state.received(stream[start..<min(start + 65_521, stream.count)], now: 0)
      messageCount += take(&state).count
      inputCountMax = max(inputCountMax, state.input.count)
    }
    #expect(messageCount == 6000)
    #expect(inputCountMax < 3 * 65_536)
    #expect(state.input.isEmpty)
  }

  @Test func `a large buffer is given back`() {
    var state = state()
    state.received(Self.framed([Self.message(60_000, 1)])[...], now: 0)
    _ = take(&state)
    #expect(state.input.capacity <= 16_384)
    state.output = [UInt8](repeating: 1, count: 200_000)
    state.wrote(200_000, now: 0)
    #expect(state.output.capacity <= 16_384)
  }

  @Test func `output is the same however the kernel takes it`() {
    let output = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 / 5) }
    var state = state()
    state.output = output
    var taken: [UInt8] = []
    var random = SeededGenerator(seed: 9)
    while !state.pendingOutput.isEmpty {
      let count = Int.random(in: 1...min(40_000, state.pendingOutput.count), using: &random)
      taken += state.output[state.pendingOutput].prefix(count)
      state.wrote(count, now: 0)
      #expect(state.octetCount == output.count - taken.count)
    }
    #expect(taken == output)
    #expect(state.output.isEmpty)
  }

  // MARK: - Backpressure

  @Test func `at the output limit no message comes out until the client takes some`() {
    var state = state(outputMax: 100)
    state.received(Self.framed(Self.three)[...], now: 0)
    state.output = [UInt8](repeating: 0, count: 99)
    #expect(!state.isPaused)
    #expect(state.nextMessage(now: 0)?.count == 12)
    state.output.append(0)
    #expect(state.isPaused)
    #expect(state.nextMessage(now: 0) == nil)
    state.wrote(1, now: 0)
    #expect(!state.isPaused)
    #expect(state.nextMessage(now: 0)?.count == 300)
  }

  @Test func `everything held is counted`() {
    var state = state()
    #expect(state.octetCount == 0)
    state.received(Self.framed([Self.message(12, 1)])[...], now: 0)
    state.received([0, 12, 1], now: 0)
    #expect(state.octetCount == 17)
    _ = state.nextMessage(now: 0)
    #expect(state.octetCount == 3)
    state.output = [1, 2, 3, 4, 5]
    state.wrote(2, now: 0)
    #expect(state.octetCount == 6)
  }

  // MARK: - Half-close (RFC 9210 §4.3)

  @Test func `the end comes after the last reply`() {
    var state = state()
    state.received(Self.framed([Self.message(12, 1)])[...], now: 0)
    state.receivedEnd()
    #expect(state.end(now: 0) == nil, "a whole message is not answered yet")
    _ = take(&state)
    state.output = [1, 2, 3]
    #expect(state.end(now: 0) == nil)
    state.wrote(2, now: 0)
    #expect(state.end(now: 0) == nil)
    state.wrote(1, now: 0)
    #expect(state.end(now: 0) == .finished)
  }

  @Test func `a message that will never be whole does not hold the end up`() {
    var state = state()
    state.received(Self.framed([Self.message(12, 1)]).dropLast(), now: 0)
    state.receivedEnd()
    #expect(state.end(now: 0) == .finished)
  }

  @Test func `a query that waits holds the end up`() {
    var state = state()
    state.waitingCount = 1
    state.receivedEnd()
    #expect(state.end(now: .max) == nil)
    state.waitingCount = 0
    #expect(state.end(now: 0) == .finished)
  }

  @Test func `messages behind a pause are answered before the end`() {
    var state = state(outputMax: 10)
    state.received(Self.framed(Self.three)[...], now: 0)
    state.receivedEnd()
    var count = 0
    while state.end(now: 0) == nil, count < 10 {
      if state.nextMessage(now: 0) != nil {
        count += 1
        state.output += [UInt8](repeating: 0, count: 20)
      } else {
        state.wrote(state.pendingOutput.count, now: 0)
      }
    }
    #expect(count == 3)
  }
}
