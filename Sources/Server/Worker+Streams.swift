import DNSWire
import Glibc
import PluginChain
import Sockets

extension Worker {
  // MARK: - Accepting

  /// Takes waiting connections; makes room by closing the one that has been idle longest.
  mutating func acceptConnections(_ index: Int, now: UInt64) {
    let service = streamServices[index]
    for _ in 0..<limits.datagramBatchCount {
      do throws(SystemError) {
        guard let (stream, peer) = try service.listener.accept() else { return }
        admitConnection(stream, peer, service, now: now)
      } catch {
        // The client is gone already, or the network between: that is its own affair.
        guard Self.isExhaustion(error.code) else { continue }
        // No descriptor left. UDP needs no new one and goes on; accepting rests, so that the loop
        // does not spin, and an idle connection gives way.
        evictIdle(of: nil, now: now)
        service.restsUntil = now &+ limits.acceptBackoffNanoseconds
        try? poll.change(
          service.listener.number, token: Token.listener | UInt64(index), interest: [])
        return
      }
    }
  }

  private static func isExhaustion(_ code: Int32) -> Bool {
    [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code)
  }

  private mutating func admitConnection(
    _ stream: TCPStream, _ peer: SocketAddress, _ service: TCPService, now: UInt64
  ) {
    let client = TransportAddress(peer).address
    if connectionCounts[client, default: 0] >= limits.connectionsPerClientMax {
      evictIdle(of: client, now: now)
    }
    if connections.count >= limits.connectionCountMax { evictIdle(of: nil, now: now) }
    guard connections.count < limits.connectionCountMax else {
      stream.resetOnClose()
      return
    }
    let number = nextConnection & ~Token.kindMask
    nextConnection &+= 1
    let connection = TCPConnection(
      number: number, stream, of: service, peer: peer,
      state: TCPConnectionState(limits: service.limits, now: now))
    guard
      (try? poll.add(stream.number, token: Token.connection | number, interest: .read)) != nil
    else { return }
    connections[number] = connection
    connectionCounts[client, default: 0] += 1
  }

  /// Closes the connection that has been idle longest, of one client or of all.
  private mutating func evictIdle(of client: IPAddress?, now: UInt64) {
    let candidates = connections.values.filter { client == nil || $0.client.address == client }
    guard let oldest = candidates.min(by: { $0.state.idleSince < $1.state.idleSince }) else {
      return
    }
    close(oldest, .aborted, now: now)
  }

  // MARK: - Serving

  /// Reads what came, answers every whole message, writes what the client takes.
  mutating func serveConnection(_ number: UInt64, _ readiness: Readiness) {
    guard let connection = connections[number] else { return }
    let now = monotonicNanoseconds()
    // Reset by the client: it cannot be told anything, and the event would come again and again.
    guard readiness.isDisjoint(with: .closed) else {
      close(connection, .aborted, now: now)
      return
    }
    if readiness.contains(.write) || !connection.state.pendingOutput.isEmpty {
      guard flush(connection, now: now) else { return }
    }
    if wantsInput(connection), !connection.state.hasMessage {
      guard receive(connection, now: now) else {
        close(connection, .aborted, now: now)
        return
      }
    }
    let goesOn = answerMessages(connection, now: now)
    guard flush(connection, now: now) else { return }
    count(connection)
    let isTooMuch =
      octetsInFlight > limits.octetsInFlightMax && !connection.state.pendingOutput.isEmpty
    if isTooMuch { connection.stream.resetOnClose() }
    if !goesOn || isTooMuch { close(connection, .aborted, now: now) }
  }

  /// Brings the sum of octets in flight up to date with one connection.
  private mutating func count(_ connection: TCPConnection) {
    octetsInFlight += connection.state.octetCount - connection.countedOctets
    connection.countedOctets = connection.state.octetCount
  }

  private func wantsInput(_ connection: TCPConnection) -> Bool {
    !connection.state.isPaused && !connection.state.clientFinished
  }

  /// Reads at most 64 KiB, so that one busy client does not keep the others waiting; `false` when
  /// the connection is broken.
  private mutating func receive(_ connection: TCPConnection, now: UInt64) -> Bool {
    for _ in 0..<4 {
      do throws(SystemError) {
        guard let count = try connection.stream.read(into: &readBuffer, at: 0) else { return true }
        if count == 0 {
          connection.state.receivedEnd()
          return true
        }
        connection.state.received(readBuffer[..<count], now: now)
        if count < readBuffer.count { return true }
      } catch {
        return false
      }
    }
    return true
  }

  /// Answers the whole messages received so far; `false` when one of them ends the connection.
  private mutating func answerMessages(_ connection: TCPConnection, now: UInt64) -> Bool {
    while let message = connection.state.nextMessage(now: now) {
      if message.isEmpty { return false }
      streamExchange.client = connection.client
      streamExchange.server = connection.server
      streamExchange.ticket = nextTicket
      streamExchange.now = now
      streamExchange.idleTenths = connection.state.idleTenths(now: now)
      let input = connection.state.input
      switch serve(input.span.extracting(message), &streamExchange, connection.routes, subQueries) {
      case .reply: streamExchange.reply.appendFramed(to: &connection.state.output)
      case .silence: return false
      case .parked(let chain):
        guard canPark else {
          nextTicket &+= 1
          refuseToPark(chain, &streamExchange, isAlias: subQueries.release() != nil)
          streamExchange.reply.appendFramed(to: &connection.state.output)
          continue
        }
        park(
          streamExchange.replacedByFresh(), chain, connection.routes,
          .stream(connection: connection.number))
      }
    }
    connection.state.compact()
    return true
  }

  /// Writes pending output and sees to what the connection is watched for; `false` when that ended
  /// it.
  @discardableResult
  mutating func flush(_ connection: TCPConnection, now: UInt64) -> Bool {
    let pending = connection.state.pendingOutput
    if !pending.isEmpty {
      do throws(SystemError) {
        let taken = try connection.stream.write(connection.state.output, pending) ?? 0
        if taken > 0 { connection.state.wrote(taken, now: now) }
      } catch {
        close(connection, .aborted, now: now)
        return false
      }
    }
    connection.state.noteRoomAwaited(now: now)
    if let end = connection.state.end(now: now) {
      close(connection, end, now: now)
      return false
    }
    var interest: Readiness = []
    if wantsInput(connection) { interest.insert(.read) }
    // Messages that a pause left over are answered as soon as there is room to write.
    if !connection.state.pendingOutput.isEmpty || connection.state.hasMessage {
      interest.insert(.write)
    }
    if interest != connection.interest {
      connection.interest = interest
      try? poll.change(
        connection.stream.number, token: Token.connection | connection.number, interest: interest)
    }
    return true
  }

  /// Ends a connection: with FIN when all is said, with a reset when it is cut off.
  mutating func close(
    _ connection: TCPConnection, _ end: TCPConnectionState.End, now: UInt64
  ) {
    guard connections.removeValue(forKey: connection.number) != nil else { return }
    let isCut = end == .aborted && !connection.state.pendingOutput.isEmpty
    if isCut || end == .stalled { connection.stream.resetOnClose() }
    octetsInFlight -= connection.countedOctets
    let client = connection.client.address
    let rest = connectionCounts[client, default: 1] - 1
    connectionCounts[client] = rest > 0 ? rest : nil
    try? poll.remove(connection.stream.number)
  }

  // MARK: - Deadlines

  /// Looks at every deadline.
  mutating func sweep(now: UInt64) {
    expireParked(now: now)
    hurryParked(now: now)
    endRetired(now: now)
    for (index, service) in streamServices.enumerated()
    where service.restsUntil != 0 && now >= service.restsUntil {
      service.restsUntil = 0
      try? poll.change(
        service.listener.number, token: Token.listener | UInt64(index),
        interest: isStopping ? [] : .read)
    }
    for connection in connections.values {
      if let end = connection.state.end(now: now) {
        close(connection, end, now: now)
      } else if now >= stopDeadline {
        close(connection, .aborted, now: now)
      } else {
        count(connection)
      }
    }
  }
}
