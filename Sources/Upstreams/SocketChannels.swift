import Glibc
import Sockets

/// Channels with real sockets: one worker's, used on its thread only. Nothing here waits.
///
/// Sockets are watched by an epoll instance of their own, whose `descriptor` the worker watches;
/// when that is readable, `receive` hands on what came. Every failure is told by `receive`, also
/// one that `open` or `send` met, so that the engine is never called while it calls.
package final class SocketChannels: UpstreamChannels {
  /// Octets of the receive buffer, more than any datagram has.
  private static let bufferOctetCount = 65_536
  /// Waits in one `receive`: at most 256 events; what is left is ready again at the next.
  private static let roundCountMax = 4
  /// Datagrams read from one socket in one turn.
  private static let datagramCountMax = 16
  /// Marks the event of `wakeup`.
  private static let wakeupNumber: UInt64 = 0

  private enum Channel {
    case datagram(ConnectedUDPSocket)
    case stream(StreamChannel)
  }

  private let poll: EventPoll
  /// Makes `descriptor` readable, from any thread, until the next `receive`.
  package let wakeup: Wakeup
  private let source: SocketAddress?
  private let tls: TLSSettings?
  private var channels: [UInt64: Channel] = [:]
  /// Failures that were met outside `receive`, of channels that were not closed by the engine.
  private var untold: [(number: UInt64, failure: ChannelFailure)] = []
  private var lastNumber = SocketChannels.wakeupNumber
  private var buffer = [UInt8](repeating: 0, count: SocketChannels.bufferOctetCount)

  /// Without a channel.
  ///
  /// Queries to upstreams of the family of `source` leave from that address. `tls` is needed for
  /// TLS upstreams only, whose channels fail without.
  package init(source: SocketAddress? = nil, tls: TLSSettings? = nil) throws(SystemError) {
    self.source = source
    self.tls = tls
    poll = try EventPoll()
    wakeup = try Wakeup()
    try poll.add(wakeup.number, token: Self.wakeupNumber, interest: .read)
  }

  /// The epoll instance, to watch it: readable when `receive` has something to do.
  package var descriptor: Int32 { poll.number }
  /// Sockets that are open.
  package var openCount: Int { channels.count }

  // MARK: - UpstreamChannels

  /// Opens a socket; see `UpstreamChannels.open`. A stream connects in the background.
  package func open(_ kind: ChannelKind, to upstream: Upstream) -> UInt64? {
    let source = source?.isV6 == upstream.address.isV6 ? source : nil
    lastNumber += 1
    let number = lastNumber
    do {
      switch kind {
      case .datagram:
        let socket = try ConnectedUDPSocket(peer: upstream.address, source: source)
        try poll.add(socket.number, token: number, interest: .read)
        channels[number] = .datagram(socket)
      case .stream:
        let stream = try StreamChannel(to: upstream, source: source, tls: tls)
        try poll.add(stream.number, token: number, interest: stream.watched)
        channels[number] = .stream(stream)
      }
    } catch let error as SystemError {
      guard ChannelFailure(error) == .refused else { return nil }
      note(number, .refused)
    } catch {
      note(number, .tls)
    }
    return number
  }

  /// Sends one message; see `UpstreamChannels.send`. Also `true` when `receive` will tell that it
  /// failed.
  package func send(_ message: [UInt8], on number: UInt64) -> Bool {
    switch channels[number] {
    case nil:
      // One that broke is told of.
      return untold.contains { $0.number == number }
    case .datagram(let socket):
      send(message, on: number, socket)
    case .stream(let stream):
      if let failure = stream.send(message) {
        note(number, failure)
      } else {
        watch(number, stream)
      }
    }
    return true
  }

  private func send(_ message: [UInt8], on number: UInt64, _ socket: ConnectedUDPSocket) {
    for isLast in [false, true] {
      do {
        // What the kernel does not take is lost like any datagram.
        _ = try socket.send(message)
        return
      } catch {
        note(number, ChannelFailure(error))
        // What became of an earlier datagram says nothing of this one, which was not sent.
        if isLast || error.code != ECONNREFUSED { return }
      }
    }
  }

  /// Closes a channel; harmless for one that is closed.
  package func close(_ number: UInt64) {
    if case .stream(let stream) = channels.removeValue(forKey: number) { stream.end() }
    if !untold.isEmpty { untold.removeAll { $0.number == number } }
  }

  /// Closes every channel. To be called on the worker's thread when it ends: TLS sessions must not
  /// outlive it.
  package func closeAll() {
    for number in Array(channels.keys) { close(number) }
    untold = []
  }

  deinit {
    closeAll()
  }

  // MARK: - Events

  /// Hands on what came, without waiting: messages and failures. Bounded work; when there is more,
  /// `descriptor` stays readable.
  package func receive(into events: some UpstreamEvents, now: UInt64) {
    tellFailures(to: events, now)
    // Taken out, because the engine is called while it is in use.
    var buffer: [UInt8] = []
    swap(&buffer, &self.buffer)
    for _ in 0..<Self.roundCountMax {
      let count = poll.wait(milliseconds: 0)
      for index in 0..<count {
        let event = poll.event(index)
        serve(event.token, event.readiness, &buffer, events, now)
      }
      if count < EventPoll.eventCountMax { break }
    }
    swap(&buffer, &self.buffer)
  }

  private func serve(
    _ number: UInt64, _ readiness: Readiness, _ buffer: inout [UInt8],
    _ events: some UpstreamEvents, _ now: UInt64
  ) {
    switch channels[number] {
    case nil where number == Self.wakeupNumber:
      wakeup.clear()
      // Failures that were met in this call are told by the next.
      if !untold.isEmpty { wakeup.signal() }
    // Closed by what came before it.
    case nil: break
    case .datagram(let socket): serve(number, socket, &buffer, events, now)
    case .stream(let stream): serve(number, stream, readiness, &buffer, events, now)
    }
  }

  private func serve(
    _ number: UInt64, _ socket: ConnectedUDPSocket, _ buffer: inout [UInt8],
    _ events: some UpstreamEvents, _ now: UInt64
  ) {
    for _ in 0..<Self.datagramCountMax {
      do {
        guard let count = try socket.receive(into: &buffer) else { return }
        events.received(buffer.span.extracting(first: count), on: number, now: now)
      } catch {
        // A datagram of ours may have been too long for a router, if that is true, or memory is
        // short: neither says that no reply comes.
        if error.isPassing { continue }
        fail(number, ChannelFailure(error), events, now)
      }
      guard channels[number] != nil else { return }
    }
  }

  private func serve(
    _ number: UInt64, _ stream: StreamChannel, _ readiness: Readiness, _ buffer: inout [UInt8],
    _ events: some UpstreamEvents, _ now: UInt64
  ) {
    var failure = stream.serve(readiness, &buffer)
    while let message = stream.nextMessage() {
      let input = stream.input
      events.received(input.span.extracting(message), on: number, now: now)
      // It may be closed, or broken by what was sent on it.
      guard channels[number] != nil else { return }
    }
    stream.compact()
    if failure == nil { failure = stream.flush() }
    if let failure { fail(number, failure, events, now) } else { watch(number, stream) }
  }

  /// Watches for what the stream waits for.
  private func watch(_ number: UInt64, _ stream: StreamChannel) {
    guard let interest = stream.changedInterest() else { return }
    do {
      try poll.change(stream.number, token: number, interest: interest)
    } catch {
      note(number, .error)
    }
  }

  // MARK: - Failures

  private func fail(
    _ number: UInt64, _ failure: ChannelFailure, _ events: some UpstreamEvents, _ now: UInt64
  ) {
    closeIfOver(number, failure)
    events.failed(number, failure, now: now)
  }

  /// Has the engine told by the next `receive`.
  private func note(_ number: UInt64, _ failure: ChannelFailure) {
    closeIfOver(number, failure)
    untold.append((number, failure))
    wakeup.signal()
  }

  /// Anybody can forge what makes a datagram socket believe that its peer is not there: such a
  /// channel stays open, for the reply that may yet come.
  private func closeIfOver(_ number: UInt64, _ failure: ChannelFailure) {
    if case .datagram = channels[number], failure == .refused || failure == .unreachable { return }
    close(number)
  }

  private func tellFailures(to events: some UpstreamEvents, _ now: UInt64) {
    // Not those that come meanwhile: their turn comes.
    for _ in 0..<untold.count {
      guard let (number, failure) = untold.first else { return }
      untold.removeFirst()
      events.failed(number, failure, now: now)
    }
  }
}
