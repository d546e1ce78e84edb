import DNSWire
import PluginChain
import Sockets

/// The queries that a worker asks itself.
///
/// Above all the targets of aliases that the answering plugin could not follow: of an ExternalName,
/// or of an upstream's CNAME that leads back into a zone of ours. Each target is a sub-query
/// through the same routes and chains as a client's query; its answer is appended to the client's
/// reply. One after the other, at most `aliasCountMax`, never twice the same name, all through one
/// exchange.
///
/// Also the refreshes that handlers want (`Exchange.refreshHeight`): they wait here until the
/// worker has time.
package final class SubQueries {
  /// Sub-queries for one reply, as CoreDNS.
  package static let aliasCountMax = 10

  /// Refreshes that wait for the worker, at most.
  package static let refreshCountMax = 64

  /// Questions to be asked again, each from the height of its handler on.
  var refreshes: [(query: SleepingExchange, routes: RouteTable)] = []
  private var exchange: Exchange
  private let buffer = OwnedBuffer(capacity: WireLimits.messageOctetCountMax)
  private var chain: Chain?
  private var waitingHeight = 0

  /// The plugin that a sub-query waits for; `nil` when none waits.
  var waitingPlugin: String? { isWaiting ? chain?.pluginName(at: waitingHeight) : nil }

  /// Those of `worker`.
  package init(worker: Int) {
    exchange = Exchange(worker: worker, writingTo: buffer)
  }

  /// Whether the sub-query here waits.
  package var isWaiting: Bool { chain != nil && waitingHeight != 0 }

  /// Looks up `parent`'s open alias, and the next one when that leads on. `false`: a sub-query
  /// waits.
  func follow(_ parent: inout Exchange, _ routes: RouteTable) -> Bool {
    while parent.aliasTarget != 0 {
      guard let chain = start(from: &parent, routes) else {
        parent.aliasTarget = 0
        return true
      }
      guard conclude(chain.query(&exchange), chain, &parent, routes) else { return false }
    }
    return true
  }

  /// Goes on with the sub-query that waited, then with the aliases after it.
  func resume(_ parent: inout Exchange, _ routes: RouteTable) -> Bool {
    guard let chain else { return true }
    let outcome = chain.resume(&exchange, height: waitingHeight)
    guard conclude(outcome, chain, &parent, routes) else { return false }
    return follow(&parent, routes)
  }

  // MARK: - Parking

  /// Takes the waiting sub-query out, to be parked with the client's.
  func release() -> SleepingExchange? {
    guard let chain, isWaiting else { return nil }
    let height = waitingHeight
    end()
    return SleepingExchange(exchange.replacedByFresh(), chain, height: height)
  }

  /// Takes a parked sub-query in again.
  func adopt(_ sleeper: SleepingExchange, now: UInt64) {
    swap(&exchange, &sleeper.exchange)
    exchange.moveReply(to: buffer)
    exchange.reply.setLimit(sizeMax: buffer.capacity, hasOPT: false)
    exchange.now = now
    chain = sleeper.chain
    waitingHeight = sleeper.height
  }

  /// Asks the handler of `height` for a reply to the sub-query, now; whether it gave one, which
  /// then is in `parent`'s.
  func hurry(_ parent: inout Exchange, height: Int) -> Bool {
    guard let chain, chain.hurry(&exchange, height: height) else {
      end()
      return false
    }
    append(to: &parent)
    return true
  }

  /// Notes that a handler of `chain` wants the question of `exchange` asked again.
  func noteRefresh(_ exchange: inout Exchange, _ chain: Chain, _ routes: RouteTable) {
    let height = exchange.refreshHeight
    exchange.refreshHeight = 0
    guard refreshes.count < Self.refreshCountMax else { return }
    let query = SleepingExchange(exchange.twin(), chain, height: height)
    query.exchange.isRefresh = true
    refreshes.append((query, routes))
  }

  private func end() {
    chain = nil
    waitingHeight = 0
  }

  // MARK: - One sub-query

  /// Makes the sub-query for `parent`'s alias; `nil` when the target is not to be followed.
  private func start(from parent: inout Exchange, _ routes: RouteTable) -> Chain? {
    guard parent.aliasCount < Self.aliasCountMax, !parent.reply.isTruncated else { return nil }
    parent.aliasCount += 1
    exchange.reset(header: parent.header)
    exchange.isSubQuery = true
    // A target in plain octets that nobody here answers ends before anything is allocated for it.
    let end = parent.reply.withOctets { exchange.name.parse($0, at: parent.aliasTarget) }
    if end != nil, routes.chain(for: exchange.name) == nil { return nil }
    let target = parent.reply.withOctets { readName($0, at: parent.aliasTarget) }
    guard let target, !parent.ownsRecords(of: target),
      end != nil || exchange.name.parse(target.wire.span, at: 0) != nil,
      parent.aliasIsOurs || routes.isOurs(exchange.name),
      let chain = routes.chain(for: exchange.name)
    else { return nil }
    exchange.type = parent.type
    exchange.classCode = parent.classCode
    exchange.edns = parent.edns
    exchange.transport = parent.transport
    exchange.client = parent.client
    exchange.server = parent.server
    exchange.ticket = parent.ticket
    exchange.isRehearsal = parent.isRehearsal
    exchange.now = parent.now
    exchange.rotation = parent.rotation
    exchange.aliasCount = parent.aliasCount
    exchange.reply.reset(sizeMax: buffer.capacity, hasOPT: false)
    let question = target.wire + [parent.type.high, parent.type.low, 0, 1]
    exchange.reply.appendQuestion(question.span)
    return chain
  }

  /// Notes what came of the sub-query; `false` when it waits.
  private func conclude(
    _ outcome: Outcome, _ chain: Chain, _ parent: inout Exchange, _ routes: RouteTable
  ) -> Bool {
    switch outcome {
    case .waiting:
      self.chain = chain
      waitingHeight = exchange.answeredHeight
      return false
    case .answered:
      if exchange.refreshHeight != 0 { noteRefresh(&exchange, chain, routes) }
      chain.keep(&exchange)
      append(to: &parent)
    case .unanswered, .dropped:
      end()
      parent.aliasTarget = 0
    }
    return true
  }

  /// Appends the sub-query's answer behind the alias. The last name's code is the reply's
  /// (RFC 6604 §3), and TC stays.
  private func append(to parent: inout Exchange) {
    end()
    let code = exchange.reply.responseCode
    let offset = parent.aliasTarget
    parent.aliasTarget = 0
    switch code {
    case .noError, .nameError:
      exchange.reply.finish(
        query: exchange.header, edns: nil, payloadSize: 0, error: nil)
      let dnssecOK = parent.edns?.dnssecOK ?? false
      let copied = exchange.reply.withOctets {
        appendAlias($0, at: offset, into: &parent.reply, dnssecOK: dnssecOK)
      }
      parent.reply.responseCode = code
      if exchange.reply.isTruncated { parent.reply.isTruncated = true }
      // AD speaks for every record of the answer (RFC 4035 §3.2.3).
      if !exchange.reply.isAuthentic { parent.reply.isAuthentic = false }
      parent.aliasTarget = exchange.aliasTarget == 0 ? 0 : copied.aliasTarget
      parent.aliasIsOurs = exchange.aliasIsOurs
    case .serverFailure:
      // The alias without its target would read as "no such data": the client is to try again.
      parent.fail(.serverFailure)
      parent.extendedError = exchange.extendedError
    default:
      // Nobody we may ask knows the target; the client may know better.
      break
    }
    if parent.extendedError == nil { parent.extendedError = exchange.extendedError }
  }
}

extension RRType {
  fileprivate var high: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }
  fileprivate var low: UInt8 { UInt8(truncatingIfNeeded: rawValue) }
}

extension Exchange {
  /// Whether the answer so far has a record of `name`: following it again would be a loop.
  fileprivate func ownsRecords(of name: DomainName) -> Bool {
    let (start, count) = (reply.recordsOffset, reply.answerCount)
    return reply.withOctets { octets in
      var offset = start
      for _ in 0..<count {
        guard let record = RecordHeader(octets, at: offset) else { return true }
        if readName(octets, at: offset) == name { return true }
        offset = record.end
      }
      return false
    }
  }
}
