/// What became of a query in the chain. An outcome is never an RCODE: the reply has that.
public enum Outcome: Sendable {
  /// The reply is written.
  case answered
  /// Nobody in the chain answered; the server says SERVFAIL, as CoreDNS does.
  case unanswered
  /// There will be no reply.
  case dropped
  /// The handler is waiting for something. The exchange is parked, and `resume` is called on the
  /// same handler when it has come; the handlers above see the reply as if there had been no wait.
  case waiting
}

/// One plugin in the chain of a server block.
///
/// Nodes are linked once, when the Corefile is loaded, and then only read, by all workers at once:
/// a subclass keeps constants, or state that is safe to share. Everything here is synchronous and
/// must not block, allocate or lock on the way of a query.
open class Handler: @unchecked Sendable {
  /// The node below; `nil` at the chain's end.
  package let next: Handler?
  /// The distance from the chain's end; grows upwards.
  package let height: Int

  /// A node above `next`; `nil` ends the chain.
  public init(next: Handler?) {
    self.next = next
    height = (next?.height ?? 0) + 1
  }

  /// The way down: answer with `answered(_:)`, drop, wait, or hand over with `passOn(_:)`.
  open func query(_ exchange: inout Exchange) -> Outcome {
    passOn(&exchange)
  }

  /// The way up: look at or change the reply of a handler further down. Called only when
  /// `seesReplies`.
  open func reply(_ exchange: inout Exchange) {}

  /// Goes on after `waiting`: what was awaited is there, or its deadline passed.
  open func resume(_ exchange: inout Exchange) -> Outcome { .unanswered }

  /// Whether `reply` is to be called; asked once, when the chain is linked.
  open var seesReplies: Bool { false }

  /// Hands the query to the next handler.
  package final func passOn(_ exchange: inout Exchange) -> Outcome {
    guard let next else { return .unanswered }
    return next.query(&exchange)
  }

  /// Notes that this handler waits; it goes on in `resume` when `exchange.ticket` is resumed.
  package final func waits(_ exchange: inout Exchange) -> Outcome {
    exchange.answeredHeight = height
    return .waiting
  }

  /// Notes that this handler wrote the reply.
  package final func answered(_ exchange: inout Exchange) -> Outcome {
    exchange.answeredHeight = height
    return .answered
  }
}

/// The linked handlers of one server block.
package final class Chain: Sendable {
  /// Handlers that see replies, from the lowest up; linked, so that walking counts no references.
  private final class Ascent: Sendable {
    let handler: Handler
    let above: Ascent?

    init(_ handler: Handler, above: Ascent?) {
      self.handler = handler
      self.above = above
    }

    func reply(_ exchange: inout Exchange) {
      if handler.height > exchange.answeredHeight { handler.reply(&exchange) }
      above?.reply(&exchange)
    }
  }

  private let first: Handler?
  private let ascent: Ascent?

  /// Links `factories` so that the first one is on top.
  package init(_ factories: [(Handler?) -> Handler]) {
    var handlers: [Handler] = []
    for make in factories.reversed() { handlers.append(make(handlers.last)) }
    first = handlers.last
    var ascent: Ascent?
    for handler in handlers.reversed() where handler.seesReplies {
      ascent = Ascent(handler, above: ascent)
    }
    self.ascent = ascent
  }

  /// Sends a query down the chain.
  package func query(_ exchange: inout Exchange) -> Outcome {
    guard let first else { return .unanswered }
    return first.query(&exchange)
  }

  /// Goes on at the handler of `height`, which answered `.waiting`.
  package func resume(_ exchange: inout Exchange, height: Int) -> Outcome {
    var node = first
    while let handler = node {
      if handler.height == height { return handler.resume(&exchange) }
      node = handler.next
    }
    return .unanswered
  }

  /// Shows the reply to the handlers above the one that answered.
  package func reply(_ exchange: inout Exchange) {
    ascent?.reply(&exchange)
  }
}
