import DNSWire
import PluginChain
import Synchronization

/// Answers everything with the same address, once or many times over.
final class FixedAnswerer: Handler, @unchecked Sendable {
  private let recordCount: Int

  init(recordCount: Int = 1, next: Handler? = nil) {
    self.recordCount = recordCount
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    exchange.reply.isAuthoritative = true
    for _ in 0..<recordCount where exchange.appendAddress() {}
    return answered(&exchange)
  }
}

/// Does what it was made with.
final class ClosureHandler: Handler, @unchecked Sendable {
  private let body: @Sendable (inout Exchange) -> Outcome

  init(next: Handler? = nil, _ body: @escaping @Sendable (inout Exchange) -> Outcome) {
    self.body = body
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome { body(&exchange) }
}

/// A count that many threads share.
final class Tally: Sendable {
  private let value = Atomic<Int>(0)

  /// The count so far.
  var count: Int { value.load(ordering: .sequentiallyConsistent) }

  /// One more.
  func add() {
    value.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }
}

/// Counts the replies it sees, and marks them with RA so that clients can tell.
final class Witness: Handler, @unchecked Sendable {
  private let tally: Tally

  init(_ tally: Tally, next: Handler?) {
    self.tally = tally
    super.init(next: next)
  }

  override func reply(_ exchange: inout Exchange) {
    tally.add()
    exchange.reply.recursionAvailable = true
  }

  override var seesReplies: Bool { true }
}

extension Exchange {
  /// Writes the address 192.0.2.1 for the question's name; whether it fit.
  mutating func appendAddress() -> Bool {
    reply.beginRecord()
    reply.appendQuestionOwned(.a, ttl: 5, dataLength: 4)
    reply.append32(0xC000_0201)
    return reply.endRecord(.answer)
  }
}

extension Chain {
  /// A chain that answers everything.
  static func answering(recordCount: Int = 1) -> Chain {
    Chain([{ FixedAnswerer(recordCount: recordCount, next: $0) }])
  }

  /// A chain of one handler that does `body`.
  static func doing(_ body: @escaping @Sendable (inout Exchange) -> Outcome) -> Chain {
    Chain([{ ClosureHandler(next: $0, body) }])
  }
}
