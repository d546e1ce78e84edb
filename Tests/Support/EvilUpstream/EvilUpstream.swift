import Foundation
import Synchronization

/// A DNS server on loopback that does what it is told, good or bad, over UDP and TCP on one port.
///
/// One thread serves all sockets, so that a thousand queries at once are no burden. Whatever
/// arrives is recorded.
package final class EvilUpstream: Sendable {
  /// What is done about a query.
  package typealias Behavior = @Sendable (UpstreamQuestion) -> [UpstreamStep]

  /// The address it listens on.
  package let host: String
  /// The port it listens on.
  package let port: UInt16
  private let log = UpstreamLog()

  /// Listens and answers from now on.
  ///
  /// - Parameters:
  ///   - host: an address of this machine.
  ///   - port: a free one when nil.
  ///   - behavior: by default what the first label of the name says (`UpstreamMode`).
  package init(
    host: String = "127.0.0.1", port: UInt16? = nil,
    behavior: @escaping Behavior = UpstreamMode.steps
  ) throws(SocketError) {
    let port = if let port { port } else { try freePort() }
    self.host = host
    self.port = port
    let log = log
    Thread.detachNewThread {
      do throws(SocketError) {
        let sockets = try UpstreamSockets(host: host, port: port)
        log.change(to: .serving)
        var loop = UpstreamLoop(sockets, log, behavior)
        loop.run()
        loop.close()
        log.change(to: .ended)
      } catch {
        log.change(to: .failed(error))
      }
    }
    _ = waitUntil(.seconds(60), every: .milliseconds(1)) { log.phase != .starting }
    if case .failed(let error) = log.phase { throw error }
  }

  deinit {
    stop()
  }

  /// Closes all sockets; returns when they are closed.
  package func stop() {
    log.askToStop()
    _ = waitUntil(.seconds(60), every: .milliseconds(1)) { log.phase != .serving }
  }

  /// All queries so far, in the order of their arrival.
  package var received: [UpstreamQuestion] { log.questions }

  /// The queries for a name, in any case.
  package func received(for name: String) -> [UpstreamQuestion] {
    let name = name.lowercased()
    return received.filter { $0.name.lowercased() == name }
  }

  /// How many messages came that are not well-formed queries.
  package var malformedCount: Int { log.malformedCount }

  /// Address and port as a Corefile has them.
  package var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What the thread of an upstream and its owner share.
final class UpstreamLog: Sendable {
  /// How far the thread is.
  enum Phase: Equatable {
    case starting, serving, ended
    case failed(SocketError)
  }

  private struct State {
    var questions: [UpstreamQuestion] = []
    var malformedCount = 0
    var shouldStop = false
    var phase = Phase.starting
  }

  private let state = Mutex(State())

  var questions: [UpstreamQuestion] { state.withLock { $0.questions } }
  var malformedCount: Int { state.withLock { $0.malformedCount } }
  var shouldStop: Bool { state.withLock { $0.shouldStop } }
  var phase: Phase { state.withLock { $0.phase } }

  func add(_ question: UpstreamQuestion) {
    state.withLock { $0.questions.append(question) }
  }

  func addMalformed() {
    state.withLock { $0.malformedCount += 1 }
  }

  func askToStop() {
    state.withLock { $0.shouldStop = true }
  }

  func change(to phase: Phase) {
    state.withLock { $0.phase = phase }
  }
}
