import Synchronization

/// Something that goes wrong with a response.
package enum Fault: Hashable, Sendable {
  /// A refusal with this code; `Retry-After` when there are seconds.
  case status(Int, retryAfterSeconds: Int)
  /// The request is never answered.
  case noHead
  /// The body breaks off after so many octets: the connection is closed, or the response ends as if
  /// it were whole.
  case tornBody(octetCount: Int, isEnded: Bool)
  /// The body comes so many octets at a time.
  case slowBody(octetCount: Int, every: Duration)
  /// The body is no list and no watch.
  case garbageBody
  /// The list's token is not known any more; hits only requests for further pages.
  case expiredToken
  /// The watch begins and then says nothing, bookmarks included; its connection stays open.
  case frozenWatch
  /// The watch ends as soon as it has begun.
  case closedWatch
  /// The watch sends an ERROR event with this code; with 0 something that is no event.
  case watchError(Int)
  /// The watch sends events twice, and those of different objects in another order.
  case disorder
  /// Objects with bad fields are among the others, and one that is none.
  case badObjects
  /// An object of more than 8 MiB is among the others.
  case oversizedObject

  /// Whether it can happen to a request.
  fileprivate func concerns(_ call: APICall) -> Bool {
    switch self {
    case .status, .noHead, .tornBody, .slowBody, .garbageBody, .badObjects, .oversizedObject: true
    case .expiredToken: call.verb == .list && call.query["continue"] != nil
    case .frozenWatch, .closedWatch, .watchError, .disorder: call.verb == .watch
    }
  }
}

/// Something that goes wrong with a connection.
package enum ConnectionFault: Hashable, Sendable {
  /// It is closed as soon as it is there.
  case closed
  /// What comes back is no TLS.
  case noTLS
  /// Nothing is read for a while.
  case slow(Duration)
}

/// What goes wrong at the moment. Rules that were set first come first.
package final class Faults: Sendable {
  private struct Rule {
    let fault: Fault
    let resource: ResourceKind?
    let verb: APICall.Verb?
    var requestCount: Int
    let end: ContinuousClock.Instant?
  }

  private struct State {
    var rules: [Rule] = []
    var connectionFault: ConnectionFault?
    var connectionCount = 0
  }

  private let state = Mutex(State())

  /// Nothing goes wrong.
  init() {}

  /// From now on something goes wrong with so many requests, those of one resource or verb only, if
  /// so wanted, and only for a while, if so wanted.
  package func add(
    _ fault: Fault, resource: ResourceKind? = nil, verb: APICall.Verb? = nil,
    requests: Int = 1, during time: Duration? = nil
  ) {
    let end = time.map { ContinuousClock.now + $0 }
    let rule = Rule(
      fault: fault, resource: resource, verb: verb, requestCount: requests, end: end)
    state.withLock { $0.rules.append(rule) }
  }

  /// From now on something goes wrong with so many new connections.
  package func add(_ fault: ConnectionFault, connections: Int = 1) {
    state.withLock { state in
      state.connectionFault = fault
      state.connectionCount = connections
    }
  }

  /// From now on all goes well.
  package func clear() {
    state.withLock { $0 = State() }
  }

  /// What goes wrong with a request.
  func take(_ call: APICall) -> Fault? {
    state.withLock { state in
      state.rules.removeAll { $0.requestCount <= 0 || $0.end.map { $0 < .now } ?? false }
      let index = state.rules.firstIndex { rule in
        rule.fault.concerns(call) && (rule.resource == nil || rule.resource == call.kind)
          && (rule.verb == nil || rule.verb == call.verb)
      }
      guard let index else { return nil }
      state.rules[index].requestCount -= 1
      return state.rules[index].fault
    }
  }

  /// What goes wrong with a new connection.
  func takeConnectionFault() -> ConnectionFault? {
    state.withLock { state in
      guard state.connectionCount > 0 else { return nil }
      state.connectionCount -= 1
      return state.connectionFault
    }
  }
}
