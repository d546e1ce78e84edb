import DNSWire
import Files
import Glibc
import Sockets

/// Asks name servers for the addresses of hosts, one question at a time, on a thread that may
/// block.
struct HostResolver {
  /// Who is asked, in order.
  let servers: [SocketAddress]
  /// When to give up, whatever is left to ask; nanoseconds of the monotonic clock.
  var deadline = UInt64.max

  /// How long a server may take, in nanoseconds.
  static let replyTimeout: UInt64 = 1_000_000_000
  /// How often each server is asked before the lookup fails.
  private static let roundCount = 2

  /// The addresses of a host; waits end early when `stop` is given.
  ///
  /// A server that says that there are none is believed; one that does not answer or cannot say
  /// is followed by the next.
  func addresses(
    of name: DomainName, _ type: RRType, stop: borrowing StopSignal
  ) -> HostAnswer {
    var failure = "there is no name server to ask"
    let question = HostQuestion(name: name, type: type)
    for _ in 0..<Self.roundCount {
      for server in servers {
        do throws(AskFailure) {
          let answer = try ask(server, question, stop: stop)
          guard case .failed(let words) = answer else { return answer }
          failure = "\(server.text): \(words)"
        } catch {
          switch error {
          case .stopped: return .failed("it was given up")
          case .silent: failure = "\(server.text): no reply"
          case .system(let problem): failure = "\(server.text): \(problem)"
          }
        }
        guard monotonicNanoseconds() < deadline else { return .failed(failure) }
      }
    }
    return .failed(failure)
  }

  /// Why a server gave no answer.
  private enum AskFailure: Error {
    case stopped
    case silent
    case system(SystemError)
  }

  /// One question to one server, over UDP, and over TCP when the reply is cut.
  private func ask(
    _ server: SocketAddress, _ question: HostQuestion, stop: borrowing StopSignal
  ) throws(AskFailure) -> HostAnswer {
    var generator = SystemRandomNumberGenerator()
    let id = UInt16.random(in: 0...UInt16.max, using: &generator)
    let end = min(monotonicNanoseconds() &+ Self.replyTimeout, deadline)
    do throws(SystemError) {
      let socket = try ConnectedUDPSocket(peer: server, source: nil)
      _ = try socket.send(question.message(id: id))
      var buffer = [UInt8](repeating: 0, count: WireLimits.messageOctetCountMax)
      while let wait = Self.wait(stop, socket.number, until: end) {
        guard wait else { return .failed("it was given up") }
        guard let count = try socket.receive(into: &buffer) else { continue }
        guard let reply = question.reply(Array(buffer.prefix(count)), id: id) else { continue }
        if !reply.isTruncated { return reply.answer }
        return try askByStream(server, question, id: id, stop: stop)
      }
    } catch {
      throw .system(error)
    }
    throw .silent
  }

  /// The same question over TCP (RFC 7766), on a connection of its own.
  private func askByStream(
    _ server: SocketAddress, _ question: HostQuestion, id: UInt16, stop: borrowing StopSignal
  ) throws(SystemError) -> HostAnswer {
    let end = min(monotonicNanoseconds() &+ Self.replyTimeout, deadline)
    let message = question.message(id: id)
    let length = UInt16(truncatingIfNeeded: message.count)
    let framed =
      [UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
      + message
    let stream = try TCPStream(connectingTo: server, source: nil)
    guard Self.wait(stop, stream.number, isWriting: true, until: end) == true else {
      throw SystemError("connect", code: ETIMEDOUT)
    }
    if let failure = stream.connectionFailure() { throw failure }
    var sentCount = 0
    while sentCount < framed.count {
      if let count = try stream.write(framed, sentCount..<framed.count) {
        sentCount += count
      } else if Self.wait(stop, stream.number, isWriting: true, until: end) != true {
        throw SystemError("send", code: ETIMEDOUT)
      }
    }
    var buffer = [UInt8](repeating: 0, count: WireLimits.messageOctetCountMax + 2)
    var count = 0
    while Self.wait(stop, stream.number, until: end) == true {
      guard let more = try stream.read(into: &buffer, at: count) else { continue }
      guard more > 0 else { throw SystemError("recv", code: ECONNRESET) }
      count += more
      let wanted = Int(buffer.span.word16(0)) + 2
      guard count >= wanted, count >= 2 else { continue }
      guard let reply = question.reply(Array(buffer[2..<wanted]), id: id) else {
        return .failed("a reply that is none")
      }
      return reply.answer
    }
    throw SystemError("recv", code: ETIMEDOUT)
  }

  /// Whether the descriptor is ready (`true`) or the stop was given (`false`); `nil` when the time
  /// is over.
  private static func wait(
    _ stop: borrowing StopSignal, _ descriptor: Int32, isWriting: Bool = false, until end: UInt64
  ) -> Bool? {
    while true {
      let now = monotonicNanoseconds()
      guard now < end else { return nil }
      let milliseconds = Int32(clamping: (end - now) / 1_000_000 + 1)
      switch stop.wait(for: descriptor, isWriting: isWriting, milliseconds: milliseconds) {
      case .stopped: return false
      case .readable: return true
      case .timedOut: continue
      }
    }
  }
}
