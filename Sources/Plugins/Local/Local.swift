import DNSWire
import PluginChain

/// `local`: answers for `localhost.` and the reverse zones of this host and this network, so that
/// such queries never leave (RFC 6761 §6.3, RFC 6303).
final class Local: Handler, @unchecked Sendable {
  /// TTL of all records: a week, as CoreDNS.
  static let ttl: UInt32 = 604_800

  private let answersPrefix: Bool
  /// At index 0, queries for names that only begin with `localhost.`.
  private let counters: WorkerCounters
  private let localhostZone: ZoneSet
  private let reverse: ZoneSet
  private let localhost: DomainName
  private let reverseZones: [DomainName]
  private let loopbackName: DomainName

  init(answersPrefix: Bool, counters: WorkerCounters, next: Handler?) {
    self.answersPrefix = answersPrefix
    self.counters = counters
    localhost = DomainName(text: "localhost.") ?? .root
    reverseZones = ["0", "127", "255"].compactMap { DomainName(text: $0 + ".in-addr.arpa.") }
    localhostZone = ZoneSet([localhost])
    reverse = ZoneSet(reverseZones)
    loopbackName = DomainName(text: "1.0.0.127.in-addr.arpa.") ?? .root
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard exchange.classCode == .internet else { return passOn(&exchange) }
    // Names that begin with localhost are rare: look at one octet before at anything else.
    if localhostZone.covers(exchange.name) {
      return answerLocalhost(&exchange, zone: localhost)
    }
    if answersPrefix, exchange.name.labelCount > 1, exchange.name.octets[0] == 9,
      exchange.name.label(0) == Array("localhost".utf8), let name = exchange.name.domainName
    {
      counters.add(0, worker: exchange.worker)
      return answerLocalhost(&exchange, zone: name)
    }
    guard reverse.covers(exchange.name) else { return passOn(&exchange) }
    for zone in reverseZones where ZoneSet([zone]).covers(exchange.name) {
      return answerReverse(&exchange, zone)
    }
    return passOn(&exchange)
  }

  private func answerLocalhost(_ exchange: inout Exchange, zone: DomainName) -> Outcome {
    exchange.reply.isAuthoritative = true
    let isApex = exchange.name.domainName == zone
    switch exchange.type {
    case .a: append(&exchange, [127, 0, 0, 1])
    case .aaaa: append(&exchange, [UInt8](repeating: 0, count: 15) + [1])
    case .soa where isApex: appendStartOfAuthority(&exchange, zone, .answer)
    case .ns where isApex: append(&exchange, localhost.wire)
    default: appendStartOfAuthority(&exchange, zone, .authority)
    }
    return answered(&exchange)
  }

  /// PTR for the loopback address; the zones exist, so do the names above that one, all other names
  /// below do not.
  private func answerReverse(_ exchange: inout Exchange, _ zone: DomainName) -> Outcome {
    exchange.reply.isAuthoritative = true
    guard let name = exchange.name.domainName else { return passOn(&exchange) }
    if name == zone, exchange.type == .soa {
      appendStartOfAuthority(&exchange, zone, .answer)
    } else if name == zone, exchange.type == .ns {
      append(&exchange, localhost.wire)
    } else if name == loopbackName, exchange.type == .ptr {
      append(&exchange, localhost.wire)
    } else {
      if name != zone, !loopbackName.isAtOrBelow(name) {
        exchange.reply.responseCode = .nameError
      }
      appendStartOfAuthority(&exchange, zone, .authority)
    }
    return answered(&exchange)
  }

  private func append(_ exchange: inout Exchange, _ data: [UInt8]) {
    exchange.reply.beginRecord()
    exchange.reply.appendQuestionOwned(exchange.type, ttl: Self.ttl, dataLength: data.count)
    exchange.reply.append(data.span)
    _ = exchange.reply.endRecord(.answer)
  }

  private func appendStartOfAuthority(
    _ exchange: inout Exchange, _ zone: DomainName, _ section: ReplyWriter.Section
  ) {
    let mailbox = DomainName(text: "root.localhost.") ?? .root
    let numbers: [UInt32] = [1, 0, 0, 0, Self.ttl]
    let length = localhost.wire.count + mailbox.wire.count + 4 * numbers.count
    exchange.reply.beginRecord()
    exchange.reply.append(zone.wire.span)
    exchange.reply.append16(RRType.soa.rawValue)
    exchange.reply.append16(RRClass.internet.rawValue)
    exchange.reply.append32(Self.ttl)
    exchange.reply.append16(UInt16(truncatingIfNeeded: length))
    for octet in localhost.wire + mailbox.wire { exchange.reply.append8(octet) }
    for number in numbers { exchange.reply.append32(number) }
    _ = exchange.reply.endRecord(section)
  }
}
