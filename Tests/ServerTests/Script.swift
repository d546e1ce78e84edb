import DNSWire
import PluginChain
import Synchronization

/// What a `ScriptedHandler` does with a question for one name.
struct Line: Sendable {
  /// How it answers.
  enum Answer: Sendable {
    /// As many addresses.
    case addresses(Int)
    /// An alias to this name, and no more of it.
    case alias(String)
    /// No such data, with the SOA of this zone.
    case noData(zone: String)
    /// No such name, with the SOA of this zone.
    case noName(zone: String)
    /// This code, with a reason.
    case failure(ResponseCode, ExtendedError, StaticString)
    /// Nobody answers.
    case unanswered
    /// There is no answer.
    case dropped
  }

  /// How it answers.
  let answer: Answer
  /// How often it waits at the gate before.
  var waitCount = 0
  /// It answers from memory; otherwise as an upstream would.
  var isOurs = true
  /// It says that the answer is authentic.
  var isAuthentic = false

  /// An alias, after `waitCount` waits.
  static func alias(_ target: String, waitCount: Int = 0, isOurs: Bool = true) -> Line {
    Line(answer: .alias(target), waitCount: waitCount, isOurs: isOurs)
  }

  /// Addresses, after `waitCount` waits.
  static func addresses(_ count: Int = 1, waitCount: Int = 0) -> Line {
    Line(answer: .addresses(count), waitCount: waitCount)
  }
}

/// Answers the names it knows as its script says and hands the others on.
final class ScriptedHandler: Handler, @unchecked Sendable {
  private let lines: [String: Line]
  private let gate: Gate
  private let asked: Sightings
  private let waitCounts = Mutex<[UInt64: Int]>([:])

  init(_ lines: [String: Line], _ gate: Gate, asked: Sightings = Sightings(), next: Handler?) {
    self.lines = lines
    self.gate = gate
    self.asked = asked
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    asked.add(exchange)
    guard let line = lines[exchange.questionText] else { return passOn(&exchange) }
    return line.waitCount > 0 ? wait(&exchange) : answer(line, &exchange)
  }

  override func resume(_ exchange: inout Exchange) -> Outcome {
    guard let line = lines[exchange.questionText] else { return .unanswered }
    let ticket = exchange.ticket
    let isDone = waitCounts.withLock { counts in
      guard counts[ticket, default: 0] >= line.waitCount else { return false }
      counts[ticket] = nil
      return true
    }
    return isDone ? answer(line, &exchange) : wait(&exchange)
  }

  private func wait(_ exchange: inout Exchange) -> Outcome {
    waitCounts.withLock { $0[exchange.ticket, default: 0] += 1 }
    gate.add(
      Gate.Waiting(
        worker: exchange.worker, ticket: exchange.ticket, id: exchange.header.id,
        name: exchange.questionText))
    return waits(&exchange)
  }

  private func answer(_ line: Line, _ exchange: inout Exchange) -> Outcome {
    exchange.reply.isAuthoritative = line.isOurs
    exchange.reply.isAuthentic = line.isAuthentic
    switch line.answer {
    case .addresses(let count): for _ in 0..<count where exchange.appendAddress() {}
    case .alias(let target):
      exchange.appendAlias(to: target)
      exchange.aliasIsOurs = line.isOurs
    case .noData(let zone): exchange.appendSOA(zone)
    case .noName(let zone):
      exchange.reply.responseCode = .nameError
      exchange.appendSOA(zone)
    case .failure(let code, let reason, let text): exchange.fail(code, reason, text)
    case .unanswered: return .unanswered
    case .dropped: return .dropped
    }
    return answered(&exchange)
  }
}

extension Exchange {
  /// QNAME as the chain has it: folded, in presentation form.
  var questionText: String { name.domainName?.description ?? "" }

  /// Writes an alias of the question's name, whose target is left to the server.
  mutating func appendAlias(to target: String) {
    guard let wire = DomainName(text: target)?.wire else { return }
    reply.beginRecord()
    reply.appendQuestionOwned(.cname, ttl: 5, dataLength: wire.count)
    let offset = reply.count
    reply.append(wire.span)
    if reply.endRecord(.answer) { aliasTarget = offset }
  }

  /// Writes the SOA of `zone`.
  mutating func appendSOA(_ zone: String) {
    guard let wire = DomainName(text: zone)?.wire else { return }
    reply.beginRecord()
    reply.append(wire.span)
    reply.append16(RRType.soa.rawValue)
    reply.append16(RRClass.internet.rawValue)
    reply.append32(30)
    reply.append16(22)
    for _ in 0..<2 { reply.append8(0) }
    for number in [1, 7200, 1800, 86_400, 30] as [UInt32] { reply.append32(number) }
    _ = reply.endRecord(.authority)
  }
}
