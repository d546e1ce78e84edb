import Sockets
import TestSupport
import Testing
import Upstreams

/// UDP channels over real sockets.
@Suite(.timeLimit(.minutes(10))) struct ChannelsDatagramTests {
  @Test func `a query goes out and replies come in, also empty ones`() throws {
    let bench = try ChannelsBench()
    let upstream = try DatagramPeer()
    let channel = try #require(
      bench.channels.open(.datagram, to: Loopback.upstream(upstream.address)))
    #expect(bench.channels.openCount == 1)
    #expect(bench.channels.send([1, 2, 3], on: channel))
    let query = try upstream.next()
    #expect(query.octets == [1, 2, 3])
    let long = [UInt8](repeating: 9, count: 65_507)
    let replies: [[UInt8]] = [[4], [], long, [5, 6]]
    #expect(!bench.isReady)
    for reply in replies { upstream.send(reply, to: query.client) }
    #expect(bench.run { bench.events.messages.count == 4 })
    #expect(bench.events.octets == replies)
    #expect(bench.events.messages.allSatisfy { $0.channel == channel })
    #expect(bench.events.failures.isEmpty)
    #expect(bench.events.times == [7])
    #expect(!bench.isReady)
    bench.channels.close(channel)
    #expect(bench.channels.openCount == 0)
    #expect(!bench.channels.send([1], on: channel))
  }

  /// Whoever forges an ICMP message must not end the wait for the reply.
  @Test func `a refused channel is told of and goes on`() throws {
    let bench = try ChannelsBench()
    let free = try Loopback.freeAddress()
    let channel = try #require(bench.channels.open(.datagram, to: Loopback.upstream(free)))
    let expected = RecordingEvents.Failure(channel: channel, failure: .refused)
    #expect(bench.channels.send([1], on: channel))
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == [expected])
    #expect(!bench.isReady, "told once")
    // Now somebody is there.
    let upstream = try DatagramPeer(free)
    #expect(bench.channels.send([2], on: channel))
    let query = try upstream.next()
    #expect(query.octets == [2])
    upstream.send([3], to: query.client)
    #expect(bench.run { !bench.events.messages.isEmpty })
    #expect(bench.events.failures == [expected])
  }

  @Test func `a refusal that sending meets does not lose the datagram`() throws {
    let bench = try ChannelsBench()
    let free = try Loopback.freeAddress()
    let channel = try #require(bench.channels.open(.datagram, to: Loopback.upstream(free)))
    #expect(bench.channels.send([1], on: channel))
    let upstream = try DatagramPeer(free)
    #expect(bench.channels.send([2], on: channel))
    #expect(bench.events.failures.isEmpty, "the engine is not called while it calls")
    #expect(try upstream.next().octets == [2])
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == [.init(channel: channel, failure: .refused)])
    #expect(!bench.isReady)
  }

  @Test func `a message that is too long breaks the channel`() throws {
    let bench = try ChannelsBench()
    let upstream = try DatagramPeer()
    let channel = try #require(
      bench.channels.open(.datagram, to: Loopback.upstream(upstream.address)))
    #expect(bench.channels.send([UInt8](repeating: 0, count: 65_535), on: channel))
    #expect(bench.channels.openCount == 0)
    #expect(bench.isReady)
    #expect(bench.channels.send([1], on: channel), "it will be told")
    #expect(bench.run { !bench.events.failures.isEmpty })
    #expect(bench.events.failures == [.init(channel: channel, failure: .error)])
    #expect(!bench.channels.send([1], on: channel), "it was told")
    #expect(!bench.isReady)
  }

  @Test func `what a closed channel met is not told`() throws {
    let bench = try ChannelsBench()
    let upstream = try DatagramPeer()
    let channel = try #require(
      bench.channels.open(.datagram, to: Loopback.upstream(upstream.address)))
    #expect(bench.channels.send([UInt8](repeating: 0, count: 65_535), on: channel))
    bench.channels.close(channel)
    bench.channels.receive(into: bench.events, now: 7)
    #expect(bench.events.failures.isEmpty)
  }

  /// Both sockets are ready in the same wait; the first that is handed on closes the other.
  @Test func `a channel closed meanwhile is not heard of again`() throws {
    let bench = try ChannelsBench()
    let upstream = try DatagramPeer()
    let channels = try (0..<3).map { _ in
      try #require(bench.channels.open(.datagram, to: Loopback.upstream(upstream.address)))
    }
    for channel in channels {
      #expect(bench.channels.send([UInt8(channel)], on: channel))
      let query = try upstream.next()
      upstream.send(query.octets, to: query.client)
      upstream.send(query.octets, to: query.client)
    }
    var opened: UInt64?
    bench.events.onMessage = { _ in
      for channel in channels { bench.channels.close(channel) }
      opened = bench.channels.open(.datagram, to: Loopback.upstream(upstream.address))
    }
    #expect(bench.run { !bench.events.messages.isEmpty })
    bench.channels.receive(into: bench.events, now: 7)
    #expect(bench.events.messages.count == 1)
    let new = try #require(opened)
    #expect(!channels.contains(new))
    #expect(bench.channels.openCount == 1)
    bench.channels.closeAll()
    #expect(bench.channels.openCount == 0)
  }

  @Test func `work is bounded in one call, and what is left comes with the next`() throws {
    let bench = try ChannelsBench()
    let upstream = try DatagramPeer()
    let channel = try #require(
      bench.channels.open(.datagram, to: Loopback.upstream(upstream.address)))
    #expect(bench.channels.send([0], on: channel))
    let query = try upstream.next()
    for number in 0..<200 {
      upstream.send([UInt8(number)], to: query.client)
    }
    bench.channels.receive(into: bench.events, now: 7)
    #expect((1..<200).contains(bench.events.messages.count))
    #expect(bench.isReady)
    #expect(bench.run { bench.events.messages.count == 200 })
    #expect(bench.events.octets == (0..<200).map { [UInt8($0)] })
  }

  @Test func `many channels at once are all served`() throws {
    let bench = try ChannelsBench()
    let upstream = try DatagramPeer()
    let count = 200
    for _ in 0..<count {
      let channel = try #require(
        bench.channels.open(.datagram, to: Loopback.upstream(upstream.address)))
      #expect(bench.channels.send([UInt8(channel)], on: channel))
      let query = try upstream.next()
      upstream.send(query.octets, to: query.client)
    }
    #expect(bench.run { bench.events.messages.count == count })
    #expect(Set(bench.events.messages.map(\.channel)).count == count)
    #expect(bench.events.messages.allSatisfy { $0.octets == [UInt8($0.channel)] })
  }

  @Test func `queries leave from the source address of their family`() throws {
    let bench = try ChannelsBench(source: Loopback.address(5))
    let upstream = try DatagramPeer()
    let channel = try #require(
      bench.channels.open(.datagram, to: Loopback.upstream(upstream.address)))
    #expect(bench.channels.send([1], on: channel))
    #expect(try upstream.next().client.high == Loopback.address(5).high)
    let upstreamV6 = try DatagramPeer(Sockets.SocketAddress(isV6: true, high: 0, low: 1, port: 0))
    let other = try #require(
      bench.channels.open(.datagram, to: Loopback.upstream(upstreamV6.address)))
    #expect(bench.channels.send([2], on: other))
    #expect(try upstreamV6.next().octets == [2])
  }

  @Test func `a source address that is not ours opens nothing`() throws {
    // TEST-NET-3, RFC 5737.
    let source = Sockets.SocketAddress(isV6: false, high: 0xCB00_7101 << 32, low: 0, port: 0)
    let bench = try ChannelsBench(source: source)
    for kind in [ChannelKind.datagram, .stream] {
      #expect(bench.channels.open(kind, to: Loopback.upstream(try Loopback.freeAddress())) == nil)
    }
    #expect(bench.channels.openCount == 0)
    #expect(!bench.isReady)
  }
}
