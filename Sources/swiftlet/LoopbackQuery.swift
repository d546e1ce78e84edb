import DNSWire
import PluginChain
import Server
import Sockets

/// One question to a server of this machine, as a client would ask it: over UDP, and over TCP when
/// the reply is cut. It blocks, on a thread of its own, until the limit at most.
struct LoopbackQuery: Sendable {
  /// How long it may take, in nanoseconds: longer than a query may wait in the server.
  static let limitNanoseconds: UInt64 = 5_000_000_000

  let server: SocketAddress
  let name: DomainName
  let type: RRType

  /// Asks.
  func ask() async -> AskedAnswer {
    var thread: SystemThread?
    let answer = await withCheckedContinuation { continuation in
      do throws(SystemError) {
        thread = try SystemThread(name: "explain") { continuation.resume(returning: wait()) }
      } catch {
        continuation.resume(returning: .nobody(reason: "\(error)"))
      }
    }
    // It has said its last word.
    thread?.join()
    return answer
  }

  private func wait() -> AskedAnswer {
    let text = Endpoint.text(server)
    let start = monotonicNanoseconds()
    let end = start &+ Self.limitNanoseconds
    let id = UInt16.random(in: 0...UInt16.max)
    let query = Verdict.query(name, type, id: id)
    do throws(SystemError) {
      var transport = "UDP"
      var reply = try askByDatagram(query, id, until: end)
      if let cut = reply, let header = Header(cut.span),
        header.flags & HeaderFlag.truncated != 0
      {
        transport = "TCP"
        reply = try askByStream(query, id, until: end)
      }
      guard let reply else {
        return .silence(
          server: text, reason: "no reply in \(Self.limitNanoseconds / 1_000_000_000) s")
      }
      return .reply(
        Verdict(.reply(reply, plugin: "")), server: text, transport: transport,
        nanoseconds: monotonicNanoseconds() &- start)
    } catch {
      return .silence(server: text, reason: "\(error)")
    }
  }

  private func isReply(_ octets: [UInt8], _ id: UInt16) -> Bool {
    Header(octets.span).map { $0.id == id && $0.isResponse } ?? false
  }

  private func askByDatagram(
    _ query: [UInt8], _ id: UInt16, until end: UInt64
  ) throws(SystemError) -> [UInt8]? {
    let socket = try ConnectedUDPSocket(peer: server, source: nil)
    let poll = try EventPoll()
    try poll.add(socket.number, token: 0, interest: .read)
    _ = try socket.send(query)
    var buffer = [UInt8](repeating: 0, count: WireLimits.messageOctetCountMax)
    while let milliseconds = Self.rest(until: end) {
      _ = poll.wait(milliseconds: milliseconds)
      guard let count = try socket.receive(into: &buffer) else { continue }
      let reply = Array(buffer.prefix(count))
      if isReply(reply, id) { return reply }
    }
    return nil
  }

  private func askByStream(
    _ query: [UInt8], _ id: UInt16, until end: UInt64
  ) throws(SystemError) -> [UInt8]? {
    let framed = [UInt8(query.count >> 8 & 0xFF), UInt8(query.count & 0xFF)] + query
    let stream = try TCPStream(connectingTo: server, source: nil)
    let poll = try EventPoll()
    try poll.add(stream.number, token: 0, interest: .write)
    guard let milliseconds = Self.rest(until: end) else { return nil }
    _ = poll.wait(milliseconds: milliseconds)
    if let failure = stream.connectionFailure() { throw failure }
    // A query is far smaller than any send buffer: the kernel takes it at once.
    guard try stream.write(framed, 0..<framed.count) == framed.count else { return nil }
    try poll.change(stream.number, token: 0, interest: .read)
    var buffer = [UInt8](repeating: 0, count: WireLimits.messageOctetCountMax + 2)
    var count = 0
    while let milliseconds = Self.rest(until: end) {
      _ = poll.wait(milliseconds: milliseconds)
      guard let more = try stream.read(into: &buffer, at: count) else { continue }
      guard more > 0 else { return nil }
      count += more
      let wanted = Int(buffer.span.word16(0)) + 2
      guard count >= 2, count >= wanted else { continue }
      let reply = Array(buffer[2..<wanted])
      return isReply(reply, id) ? reply : nil
    }
    return nil
  }

  /// Milliseconds left; `nil` when the time is over.
  private static func rest(until end: UInt64) -> Int32? {
    let now = monotonicNanoseconds()
    return now < end ? Int32(clamping: (end - now) / 1_000_000 + 1) : nil
  }
}
