import Sockets

/// One TCP connection to an upstream, with TLS or without: messages in and out, in pieces as the
/// kernel takes and gives them.
final class StreamChannel {
  /// Octets that may wait for the connection, the handshake or the kernel.
  static let queueOctetCountMax = 1 << 20
  /// Reads in one turn, each of at most the buffer's size, so that no upstream holds up others.
  private static let readCountMax = 2
  /// Output buffers up to this size are kept.
  private static let keptOctetCountMax = 16_384

  private let socket: TCPStream
  private let session: TLSSession?
  private var isConnected = false
  private var framing = StreamFraming()
  /// Octets for the network; those before `outputStart` are gone.
  private var output: [UInt8] = []
  private var outputStart = 0
  /// What it is watched for.
  private(set) var watched: Readiness = .write

  /// Starts to connect. `TLSSettings` are needed for TLS upstreams.
  ///
  /// - Throws: `SystemError`; for TLS upstreams also `TLSSession.Unusable`.
  init(to upstream: Upstream, source: SocketAddress?, tls: TLSSettings?) throws {
    switch upstream.transport {
    case .plain:
      session = nil
    case .tls(let serverName):
      guard let tls else { throw TLSSession.Unusable() }
      session = try TLSSession(tls, address: upstream.address, serverName: serverName)
    }
    socket = try TCPStream(connectingTo: upstream.address, source: source)
    // The client speaks first; it waits with what is to be sent until there is a connection.
    session?.takeOutput(into: &output)
  }

  /// The kernel's number, to watch it.
  var number: Int32 { socket.number }

  // MARK: - Sending

  /// Sends a message, or queues it.
  func send(_ message: [UInt8]) -> ChannelFailure? {
    guard let octets = StreamFraming.framed(message) else { return .error }
    let waitingCount = output.count - outputStart + (session?.waitingOctetCount ?? 0)
    guard waitingCount + octets.count <= Self.queueOctetCountMax else { return .error }
    if let session {
      session.send(octets)
      session.takeOutput(into: &output)
      if let failure = session.failure { return failure }
    } else {
      output += octets
    }
    return flush()
  }

  /// Writes what the kernel takes.
  func flush() -> ChannelFailure? {
    guard isConnected else { return nil }
    do {
      while outputStart < output.count {
        guard let count = try socket.write(output, outputStart..<output.count) else { break }
        outputStart += count
      }
    } catch {
      return ended(ChannelFailure(error))
    }
    if outputStart == output.count {
      output.removeAll(keepingCapacity: output.capacity <= Self.keptOctetCountMax)
      outputStart = 0
    } else if outputStart > Self.keptOctetCountMax {
      output.removeFirst(outputStart)
      outputStart = 0
    }
    // A TLS peer can make us answer without taking the answers.
    return output.count - outputStart > Self.queueOctetCountMax ? .error : nil
  }

  /// What to watch for from now on, when that has changed.
  func changedInterest() -> Readiness? {
    guard isConnected else { return nil }
    let interest: Readiness = output.isEmpty ? .read : [.read, .write]
    guard interest != watched else { return nil }
    watched = interest
    return interest
  }

  /// Says goodbye, or what the matter is (an alert), as far as that is possible without waiting.
  func end() {
    guard let session else { return }
    session.end()
    session.takeOutput(into: &output)
    _ = flush()
  }

  // MARK: - Receiving

  /// What has been received; `nextMessage` says where a message is.
  var input: [UInt8] { framing.input }

  /// The next whole message, as a range of `input`.
  func nextMessage() -> Range<Int>? { framing.nextMessage() }

  /// Forgets the messages that were taken.
  func compact() { framing.compact() }

  /// Finishes connecting and reads what is there. Messages that came before a failure count.
  func serve(_ readiness: Readiness, _ buffer: inout [UInt8]) -> ChannelFailure? {
    if !isConnected {
      if let error = socket.connectionFailure() { return ChannelFailure(error) }
      guard readiness.contains(.write) else { return .error }
      isConnected = true
    }
    guard !readiness.isDisjoint(with: [.read, .closed]) else { return nil }
    return read(&buffer)
  }

  private func read(_ buffer: inout [UInt8]) -> ChannelFailure? {
    for _ in 0..<Self.readCountMax {
      do {
        guard let count = try socket.read(into: &buffer, at: 0) else { return nil }
        guard count > 0 else { return ended(.closed) }
        if let failure = take(buffer[..<count]) { return failure }
        if count < buffer.count { return nil }
      } catch {
        return ended(ChannelFailure(error))
      }
    }
    return nil
  }

  private func take(_ octets: ArraySlice<UInt8>) -> ChannelFailure? {
    guard let session else {
      framing.append(octets)
      return nil
    }
    session.receive(octets)
    session.takeInput(into: &framing)
    session.takeOutput(into: &output)
    return session.failure
  }

  /// The connection's end, which a TLS session may see otherwise than TCP does.
  private func ended(_ failure: ChannelFailure) -> ChannelFailure {
    session?.isRefusedByEnd() == true ? .tls : failure
  }
}
