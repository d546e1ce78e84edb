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
  /// The name of its plugin in a Corefile, for metrics; set once, while the chain is linked.
  package internal(set) final var pluginName = ""

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

  /// Whether `reply` sees what this question alone got, before the target of an alias is looked up
  /// elsewhere and added: so for handlers that keep answers. Asked once, when the chain is linked.
  open var keepsAnswers: Bool { false }

  /// The way up for handlers that have another question asked below, `settles` that is: right after
  /// those that keep answers, before the target of an alias is looked up. Called for sub-queries
  /// too (`Exchange.isSubQuery`), whose replies no other handler above sees: they must then be
  /// replies to the question as it came.
  open func settle(_ exchange: inout Exchange) {}

  /// Whether `settle` is to be called; asked once, when the chain is linked.
  open var settles: Bool { false }

  /// Whether it answers class CH, so that such queries may enter the chain; asked once, when the
  /// chain is linked. Handlers above it must look at the class before they answer.
  open var answersChaos: Bool { false }

  /// `exchange.hurryAt` has passed and the query still waits further down: write a reply for the
  /// client now, and answer `true`. The wait goes on without the client.
  open func hurry(_ exchange: inout Exchange) -> Bool { false }

  /// What this plugin knows about a question, a line each, for `explain`; none when it has nothing
  /// to do with it. Called from any thread, at any time; must change nothing.
  open func facts(about question: Question) -> [String] { [] }

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
