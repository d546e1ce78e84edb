import Sockets
import TestSupport
import Testing
import Upstreams

/// TCP channels over real sockets.
@Suite(.timeLimit(.minutes(10))) struct ChannelsStreamTests {
  private let bench: ChannelsBench
  private let peer: StreamPeer
  private let channel: UInt64

  init() throws {
    bench = try ChannelsBench()
    peer = try StreamPeer()
    channel = try #require(bench.channels.open(.stream, to: Loopback.upstream(peer.address)))
  }

  /// Connects, with one query sent.
  private func connect() throws {
    #expect(bench.channels.send([1], on: channel))
    let isConnected = try bench.run(peer.turn) { peer.received == [0, 1, 1] }
    try #require(isConnected)
  }

  private func failure(_ failure: ChannelFailure) -> [RecordingEvents.Failure] {
    [.init(channel: channel, failure: failure)]
  }

  // MARK: - Sending

  @Test func `messages wait for the connection and go out framed, in order`() throws {
    let messages: [[UInt8]] = [[1, 2, 3], [], [4], [UInt8](repeating: 5, count: 65_535)]
    for message in messages { #expect(bench.channels.send(message, on: channel)) }
    let expected = messages.flatMap(framed)
    #expect(try bench.run(peer.turn) { peer.received.count >= expected.count })
    #expect(peer.received == expected)
    #expect(bench.events.failures.isEmpty)
    #expect(!bench.isReady, "it is watched for writing only while it has something to write")
  }

  @Test func `a message that no length can tell is not sent`() throws {
    #expect(bench.channels.send([UInt8](repeating: 0, count: 65_536), on: channel))
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == failure(.error))
    #expect(bench.channels.openCount == 0)
  }

  /// Messages that go until the queue is full, when nobody reads.
  private func sendUntilFull(_ message: [UInt8]) -> Int {
    var sentCount = 0
    while bench.channels.openCount == 1, sentCount < 1000 {
      #expect(bench.channels.send(message, on: channel))
      sentCount += 1
    }
    return sentCount
  }

  /// The first connection shows how much the kernel takes; the second then has half our queue full.
  @Test func `what the kernel does not take waits, in order and whole`() throws {
    try connect()
    let message = (0..<65_535).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    let count = sendUntilFull(message) - 8
    #expect(bench.run { !bench.events.failures.isEmpty })
    peer.forget()
    let next = try #require(bench.channels.open(.stream, to: Loopback.upstream(peer.address)))
    #expect(bench.channels.send([1], on: next))
    #expect(try bench.run(peer.turn) { peer.received == [0, 1, 1] })
    for _ in 0..<count { #expect(bench.channels.send(message, on: next)) }
    let expected = [0, 1, 1] + Array(repeating: framed(message), count: count).joined()
    #expect(try bench.run(peer.turn) { peer.received.count >= expected.count })
    #expect(peer.received == expected)
    #expect(!bench.isReady)
  }

  @Test(arguments: [false, true])
  func `the queue is bounded`(isConnected: Bool) throws {
    if isConnected { try connect() }
    let message = [UInt8](repeating: 0, count: 65_535)
    // The kernel's queues come before ours.
    let sentCount = sendUntilFull(message)
    // 1 MiB is fifteen such messages and a bit.
    if isConnected { #expect((16..<1000).contains(sentCount)) } else { #expect(sentCount == 16) }
    #expect(bench.events.failures.isEmpty)
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == failure(.error))
  }

  // MARK: - Receiving

  /// Cases of framing: the octets, and the messages they hold.
  private static let framings: [(octets: [UInt8], messages: [[UInt8]])] = [
    ([0, 1, 9], [[9]]),
    ([0, 3, 1, 2, 3, 0, 2, 4, 5], [[1, 2, 3], [4, 5]]),
    ([0, 0, 0, 0, 0, 1, 8], [[8]]),
    ([0, 1, 7, 0, 0], [[7]]),
    ([1, 0] + [UInt8](repeating: 3, count: 256), [[UInt8](repeating: 3, count: 256)]),
    ([0, 2, 0, 2, 0, 1, 0], [[0, 2], [0]]),
  ]

  @Test(arguments: framings.indices)
  func `messages come whole, however they are cut`(index: Int) throws {
    let (octets, messages) = Self.framings[index]
    try connect()
    try peer.send(octets)
    #expect(try bench.run(peer.turn) { bench.events.messages.count == messages.count })
    // Octet by octet, each served before the next is sent.
    for octet in octets {
      try peer.send([octet])
      #expect(bench.run { bench.isReady == false })
    }
    #expect(bench.run { bench.events.messages.count == 2 * messages.count })
    // Cut in two, at every place.
    for cut in octets.indices.prefix(12) {
      try peer.send(Array(octets[..<cut]))
      bench.channels.receive(into: bench.events, now: 7)
      try peer.send(Array(octets[cut...]))
    }
    let count = messages.count * (2 + min(12, octets.count))
    #expect(bench.run { bench.events.messages.count >= count })
    #expect(bench.events.octets == (0..<count).map { messages[$0 % messages.count] })
    #expect(bench.events.failures.isEmpty)
  }

  @Test func `the longest message comes whole among others`() throws {
    try connect()
    let long = (0..<65_535).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let expected: [[UInt8]] = [[1], long, [2], long, [3]]
    var rest = expected.flatMap(framed)[...]
    let isWhole = try bench.run {
      rest = rest.dropFirst(try peer.stream?.write(Array(rest), 0..<rest.count) ?? 0)
    } until: {
      bench.events.messages.count == 5
    }
    #expect(isWhole)
    #expect(bench.events.octets == expected)
  }

  /// One upstream with very much to say must not hold up the others.
  @Test func `reading is bounded in one call`() throws {
    try connect()
    let message = [UInt8](repeating: 1, count: 4094)
    let octets = Array(Array(repeating: framed(message), count: 200).joined())
    var writtenCount = 0
    // Without serving: as much as the kernel's queues hold.
    _ = try waitUntil(.seconds(20), every: .milliseconds(1)) {
      let count = try peer.stream?.write(octets, writtenCount..<octets.count) ?? 0
      writtenCount += count
      return count == 0
    }
    try #require(writtenCount > 300_000)
    bench.channels.receive(into: bench.events, now: 7)
    #expect((1...32).contains(bench.events.messages.count))
    #expect(bench.isReady)
  }

  // MARK: - Ends

  @Test(arguments: [[], [0], [0, 5, 1, 2]] as [[UInt8]], [false, true])
  func `the upstream ends the connection`(rest: [UInt8], isAbrupt: Bool) throws {
    try connect()
    try peer.send(framed([7, 8]) + rest)
    #expect(bench.run { bench.events.messages.count == 1 })
    peer.end(isAbrupt: isAbrupt)
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == failure(.closed))
    #expect(bench.events.octets == [[7, 8]])
    #expect(bench.channels.openCount == 0)
    #expect(!bench.isReady)
  }

  @Test func `messages before the end count`() throws {
    try connect()
    try peer.send(framed([1]) + framed([2]) + [0])
    peer.end()
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.octets == [[1], [2]])
    #expect(bench.events.failures == failure(.closed))
  }

  @Test func `a refused connection is told by the next call`() throws {
    let free = Loopback.upstream(try Loopback.freeAddress())
    let refused = try #require(bench.channels.open(.stream, to: free))
    #expect(bench.channels.send([1], on: refused))
    #expect(bench.events.failures.isEmpty)
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == [.init(channel: refused, failure: .refused)])
    #expect(bench.channels.openCount == 1)
  }

  /// The engine opens another channel at once, which fails too: that must not go on for ever.
  @Test func `failures that answer failures wait for the next call`() throws {
    let unusable = Loopback.upstream(peer.address, .tls(serverName: nil))
    bench.events.onFailure = { [bench] _ in _ = bench.channels.open(.stream, to: unusable) }
    _ = bench.channels.open(.stream, to: unusable)
    for count in 1...20 {
      #expect(bench.isReady)
      bench.channels.receive(into: bench.events, now: 7)
      #expect(bench.events.failures.count == count)
    }
    #expect(bench.events.failures.allSatisfy { $0.failure == .tls })
    #expect(Set(bench.events.failures.map(\.channel)).count == 20)
  }

  /// Other threads have the worker look at their own matters by it.
  @Test func `a wakeup wakes once`() {
    for _ in 0..<2 {
      bench.channels.wakeup.signal()
      #expect(bench.isReady)
      bench.channels.receive(into: bench.events, now: 7)
      // The channel itself may be ready for writing, which is served by the first call.
      bench.channels.receive(into: bench.events, now: 7)
      #expect(!bench.isReady)
    }
    #expect(bench.events.failures.isEmpty)
  }

  @Test func `sending while being handed a message works, also when it breaks the channel`() throws
  {
    try connect()
    var isFirst = true
    bench.events.onMessage = { [bench] channel in
      let octets = [UInt8](repeating: 6, count: isFirst ? 10 : 65_536)
      #expect(bench.channels.send(octets, on: channel))
      isFirst = false
    }
    try peer.send(framed([1]) + framed([2]) + framed([3]))
    #expect(try bench.run(peer.turn) { !bench.events.failures.isEmpty })
    #expect(bench.events.octets == [[1], [2]])
    #expect(bench.events.failures == failure(.error))
    #expect(try bench.run(peer.turn) { peer.isEnded })
    #expect(peer.received == [0, 1, 1] + framed([UInt8](repeating: 6, count: 10)))
  }

  @Test func `a channel that is closed meanwhile is not heard of again`() throws {
    try connect()
    bench.events.onMessage = { [bench] in bench.channels.close($0) }
    try peer.send(framed([1]) + framed([2]))
    peer.end()
    #expect(bench.run { !bench.events.messages.isEmpty })
    bench.channels.receive(into: bench.events, now: 7)
    #expect(bench.events.octets == [[1]])
    #expect(bench.events.failures.isEmpty)
    #expect(bench.channels.openCount == 0)
  }

  @Test func `closing ends the connection`() throws {
    try connect()
    bench.channels.close(channel)
    #expect(try bench.run(peer.turn) { peer.isEnded })
    bench.channels.close(channel)
    #expect(bench.events.failures.isEmpty)
  }
}
