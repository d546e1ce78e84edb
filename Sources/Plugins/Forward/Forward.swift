import DNSWire
import PluginChain
import Upstreams

/// `forward`: asks upstream servers what nobody above could answer.
///
/// A query is handed to the worker's engine and waits; the reply is copied, record by record, never
/// as a whole. Nothing here is shared between workers but counters.
final class Forward: Handler, @unchecked Sendable {
  private let configuration: ForwardConfiguration
  private let residents: [ForwardResident]
  private let sharing: ForwardSharing
  private let counters: ForwardCounters
  private let ownZones: OwnZones
  /// What `loop` above wants; `nil` without it.
  private var loop: LoopOrder?
  /// `next` and `next_on_nodata` lead to another `forward` only, as in CoreDNS.
  private let mayPassOn: Bool

  /// A handler over one resident per worker.
  init(
    _ configuration: ForwardConfiguration, residents: [ForwardResident], sharing: ForwardSharing,
    counters: ForwardCounters, ownZones: OwnZones, next: Handler?
  ) {
    self.configuration = configuration
    self.residents = residents
    self.sharing = sharing
    self.counters = counters
    self.ownZones = ownZones
    mayPassOn = next is Forward
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard configuration.covers(exchange.name), residents.indices.contains(exchange.worker)
    else { return passOn(&exchange) }
    // Types that only mean something between neighbors, or nothing at all (RFC 6895 §3.1).
    guard !Self.isMeta(exchange.type) else {
      exchange.fail(.notImplemented, .notSupported, "this type is not forwarded")
      return answered(&exchange)
    }
    if exchange.isRehearsal { return waits(&exchange) }
    guard sharing.startWaiting(countMax: configuration.options.maxConcurrent) else {
      counters.add(.maxConcurrentReject, worker: exchange.worker)
      exchange.fail(.refused, .prohibited, "max_concurrent queries wait for upstreams")
      return answered(&exchange)
    }
    let resident = residents[exchange.worker]
    let asked = resident.ask(
      Self.upstreamQuery(exchange), ticket: exchange.ticket, now: exchange.now)
    if asked != .waiting { sharing.endWaiting(1) }
    switch asked {
    case .waiting: return waits(&exchange)
    case .overloaded:
      exchange.fail(.refused, .prohibited, "too many queries wait for upstreams")
      return answered(&exchange)
    case .failed(let failure): return fail(&exchange, failure)
    }
  }

  override func resume(_ exchange: inout Exchange) -> Outcome {
    switch residents[exchange.worker].takeResult(exchange.ticket) {
    case .reply(let reply): return deliver(reply, &exchange)
    case .failed(let failure): return fail(&exchange, failure)
    case nil:
      exchange.fail(.serverFailure, .other, "the result is gone")
      return answered(&exchange)
    }
  }

  override func facts(about question: Question) -> [String] {
    var name = QueryName()
    guard name.parse(question.name.wire.span, at: 0) != nil, configuration.covers(name) else {
      return []
    }
    return configuration.facts(
      residents.map(\.statistics), known: residents.first?.known ?? [], now: question.now)
  }

  /// Lets `watch` say which upstreams not to ask, in the server block of `zone`; called while the
  /// chain is linked, before anybody uses it.
  func follow(_ watch: LoopWatch, in zone: DomainName) {
    let probed = configuration.from.first { $0.isAtOrBelow(zone) } ?? zone
    loop = LoopOrder(watch: watch, zone: probed)
  }

  /// Tells the residents whom to follow, from any thread. One worker sends the probes, below a zone
  /// whose names come here.
  func handOverLoop() {
    for (worker, resident) in residents.enumerated() {
      resident.follow(loop, probes: worker == 0)
    }
  }

  /// Pseudo-types and transfers: 0, OPT, 128, TKEY to MAILA. ANY is a question like others.
  static func isMeta(_ type: RRType) -> Bool {
    switch type.rawValue {
    case 0, 41, 128, 249...254: true
    default: false
    }
  }

  /// What upstreams are asked for a client's query.
  private static func upstreamQuery(_ exchange: borrowing Exchange) -> UpstreamQuery {
    let end = exchange.reply.recordsOffset
    let question = exchange.reply.withOctets { octets in
      (WireLimits.headerOctetCount..<max(WireLimits.headerOctetCount, end)).map { octets[$0] }
    }
    return UpstreamQuery(
      question: question, flags: exchange.header.flags, edns: exchange.edns,
      options: exchange.queryOptions, isStream: exchange.transport == .tcp)
  }

  // MARK: - Replies

  private func deliver(_ reply: UpstreamReply, _ exchange: inout Exchange) -> Outcome {
    let summary = reply.summary
    let octets = reply.octets
    let copied = copyReply(
      octets.span, summary, into: &exchange.reply,
      dnssecOK: exchange.edns?.dnssecOK ?? false, ownZones: ownZones.index)
    let isEmpty = exchange.reply.answerCount == 0 && !summary.isTruncated
    if mayPassOn, isForNext(summary.responseCode, isEmpty: isEmpty) {
      exchange.reply.clear()
      return passOn(&exchange)
    }
    exchange.reply.isAuthoritative = summary.isAuthoritative
    exchange.reply.recursionAvailable = summary.recursionAvailable
    // AD is for those who understand it (RFC 6840 §5.8).
    let understandsAD =
      exchange.edns?.dnssecOK == true || exchange.header.flags & HeaderFlag.authenticData != 0
    exchange.reply.isAuthentic = understandsAD && summary.isAuthentic
    if summary.isTruncated { exchange.reply.isTruncated = true }
    if exchange.edns != nil, let edns = summary.edns, !edns.optionsRange.isEmpty {
      exchange.replyOptions = endToEndOptions(octets.span, edns.optionsRange, isReply: true)
    }
    switch summary.responseCode {
    case .noError, .nameError:
      exchange.reply.responseCode = summary.responseCode
      if summary.isTruncated, exchange.transport == .tcp, reply.kind == .datagram {
        // The client has no other transport to try, and an empty reply would read as "no data".
        exchange.fail(.serverFailure, .networkError, "no upstream gave the whole answer")
      }
    case .refused:
      exchange.reply.removeRecords()
      exchange.reply.responseCode = .refused
      if exchange.replyOptions.isEmpty {
        exchange.extendedError = (.other, "the upstream answered REFUSED")
      }
    case .serverFailure:
      exchange.reply.removeRecords()
      exchange.reply.responseCode = .serverFailure
      if exchange.replyOptions.isEmpty {
        exchange.extendedError = (.other, "the upstream answered SERVFAIL")
      }
    default:
      // What the upstream thinks wrong is not the client's fault.
      exchange.fail(.serverFailure, .other, "the upstream answered with an error")
    }
    exchange.aliasTarget = exchange.reply.answerCount > 0 ? copied.aliasTarget : 0
    exchange.isKeepable = !exchange.reply.isTruncated
    return answered(&exchange)
  }

  /// Whether `next` or `next_on_nodata` sends the query on.
  private func isForNext(_ code: ResponseCode, isEmpty: Bool) -> Bool {
    if configuration.nextCodes.contains(code.rawValue) { return true }
    return configuration.nextOnNoData && code == .noError && isEmpty
  }

  private func fail(_ exchange: inout Exchange, _ failure: UpstreamFailure) -> Outcome {
    switch failure {
    case .noneReachable:
      exchange.fail(.serverFailure, .noReachableAuthority, "there is no upstream to ask")
    case .allDown:
      counters.add(.allDown, worker: exchange.worker)
      exchange.fail(.serverFailure, .noReachableAuthority, "all upstreams are down")
    case .timedOut:
      exchange.fail(.serverFailure, .noReachableAuthority, "no upstream answered in time")
      // Remembered for a moment: it may be this name alone that nobody answers (RFC 9520 §3.2).
      exchange.isKeepable = true
    case .network:
      exchange.fail(.serverFailure, .networkError, "no upstream could be reached")
    case .looping:
      exchange.fail(
        .serverFailure, .other, "forwarding loop: the upstreams lead back to this server")
    }
    return answered(&exchange)
  }
}
