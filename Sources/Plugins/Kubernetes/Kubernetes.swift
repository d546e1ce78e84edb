import Cluster
import DNSWire
import PluginChain
import RecordStore

/// `kubernetes`: answers the zones of a cluster from its record store.
///
/// Everything is answered from one snapshot of the store, synchronously and without allocation.
/// A name exists for every type or for none; until the store is ready, nothing is answered and
/// nothing falls through.
final class Kubernetes: Handler, @unchecked Sendable {
  private let records: ClusterRecords
  private let zones: ZoneIndex
  /// The store's number of each zone.
  let storeZones: [Int]
  /// The store's number of the multicluster zones.
  private let multiclusterZone: Int?
  private let handsOn: ZoneSet
  private let hidden: HiddenNames
  private let answersAnyPodAddress: Bool
  private let ttl: UInt32
  private let source: any NameFacts
  private let leavesAliases: Bool

  /// Aliases followed in one answer, as CoreDNS.
  static let aliasCountMax = 10
  /// TTL of the SOA record, at most: how long a negative answer may be kept (RFC 2308 §3).
  static let negativeTTLMax: UInt32 = 300

  /// A handler over `records`. With `leavesAliases` the targets of aliases are left to the server's
  /// routes, in these zones too: for chains in which handlers above may know better (`rewrite`).
  init(
    records: ClusterRecords, zones: [(zone: DomainName, storeZone: Int)], handsOn: ZoneSet,
    options: RecordOptions, leavesAliases: Bool, source: any NameFacts, next: Handler?
  ) {
    self.records = records
    self.source = source
    self.zones = ZoneIndex(zones.map(\.zone))
    storeZones = zones.map(\.storeZone)
    multiclusterZone = options.multiclusterStoreZone
    self.handsOn = handsOn
    hidden = HiddenNames(options, zones: zones.map(\.zone))
    answersAnyPodAddress = options.pods == .insecure
    ttl = options.ttl
    self.leavesAliases = leavesAliases
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard let zone = zones.match(exchange.name) else { return passOn(&exchange) }
    let snapshot = records.store.enter(reader: exchange.worker)
    let found = respond(&exchange, zone, snapshot)
    if snapshot.isStale, found, exchange.extendedError == nil {
      exchange.extendedError = (.staleAnswer, "from before the start")
    }
    records.store.leave(reader: exchange.worker)
    return found ? answered(&exchange) : passOn(&exchange)
  }

  override func facts(about question: Question) -> [String] {
    source.facts(about: question.name) ?? []
  }

  /// Writes the reply; `false` when the query is to fall through, with nothing written.
  private func respond(
    _ exchange: inout Exchange, _ zone: ZoneIndex.Match, _ snapshot: Snapshot
  ) -> Bool {
    guard snapshot.isReady else {
      exchange.fail(.serverFailure, .notReady, "the cluster's records are not loaded yet")
      return true
    }
    exchange.reply.isAuthoritative = true
    let relativeLength = exchange.name.octetCount &- zone.octetCount
    let zoneOffset = WireLimits.headerOctetCount &+ relativeLength
    if relativeLength == 0, exchange.type == .soa {
      appendStartOfAuthority(&exchange.reply, zoneOffset, snapshot.serial, .answer)
      return true
    }
    switch lookUp(exchange.name, zone, snapshot) {
    case .name(let name):
      let names = ReplyNames(
        owner: WireLimits.headerOctetCount, zone: zoneOffset, zoneLength: zone.octetCount)
      answer(&exchange, name, names, snapshot)
    case .address(let address):
      answer(&exchange, address, WireLimits.headerOctetCount, zoneOffset, snapshot)
    case .missing where isPodUnknown(exchange.name, zone, snapshot):
      exchange.fail(.serverFailure, .notReady, "the cluster's pods are not loaded yet")
    case .missing:
      if handsOn.covers(exchange.name) {
        exchange.reply.isAuthoritative = false
        return false
      }
      exchange.reply.responseCode = .nameError
      if exchange.edns != nil { explainMissing(&exchange, zone, snapshot) }
      appendStartOfAuthority(&exchange.reply, zoneOffset, snapshot.serial, .authority)
    }
    return true
  }

  /// Says in the reply to a name that does not exist when an option may have left it out.
  private func explainMissing(
    _ exchange: inout Exchange, _ zone: ZoneIndex.Match, _ snapshot: Snapshot
  ) {
    let namespace = exchange.name.labelCount &- zone.labelCount &- 2
    guard namespace >= 0 else { return }
    let reason = hidden.reason(for: exchange.name) {
      let start = exchange.name.offset(ofLabel: namespace)
      let end = exchange.name.octetCount &- zone.octetCount
      let path = exchange.name.octets.span.extracting(start..<max(start, end))
      return snapshot.find(path, zone: storeZones[zone.number]) != nil
    }
    if let reason { exchange.extendedError = (.blocked, reason) }
  }

  // MARK: - Answers

  /// Answers from a name that exists.
  private func answer(
    _ exchange: inout Exchange, _ name: NameReader, _ names: ReplyNames, _ snapshot: Snapshot
  ) {
    let type = exchange.type
    if let set = type == .any ? name.smallestSet() : name.set(type) {
      // RFC 8482 §4.1: one RRset is answer enough to ANY.
      set.append(to: &exchange.reply, names: names, rotation: exchange.rotation)
    } else if let alias = name.set(.cname) {
      let targetOffset = exchange.reply.count &+ 12
      alias.append(to: &exchange.reply, names: names, rotation: 0)
      if !exchange.reply.isTruncated {
        follow(&exchange, from: name.identity, targetOffset, snapshot)
      }
    } else {
      appendStartOfAuthority(&exchange.reply, names.zone, snapshot.serial, .authority)
    }
  }

  /// Answers from an address that a pod's name spells; there are no other types.
  private func answer(
    _ exchange: inout Exchange, _ address: IPAddress, _ owner: Int, _ zone: Int,
    _ snapshot: Snapshot
  ) {
    let type: RRType = address.family == .v4 ? .a : .aaaa
    guard exchange.type == type || exchange.type == .any else {
      appendStartOfAuthority(&exchange.reply, zone, snapshot.serial, .authority)
      return
    }
    exchange.reply.beginRecord()
    exchange.reply.appendPointerOwned(owner, type, ttl: ttl, dataLength: address.octetCount)
    for index in 0..<address.octetCount { exchange.reply.append8(address.octet(index)) }
    _ = exchange.reply.endRecord(.answer)
  }

  /// Follows an alias (RFC 1034 §3.6.2) inside of this plugin's zones. The code of the last name
  /// decides (RFC 6604 §3). A loop or too many aliases end the chain where it is; a target that is
  /// not ours to answer is left to the server's routes.
  private func follow(
    _ exchange: inout Exchange, from first: Int, _ offset: Int, _ snapshot: Snapshot
  ) {
    if leavesAliases { return leaveOpen(&exchange, offset) }
    var seen = InlineArray<10, Int>(repeating: 0)
    seen[0] = first
    var owner = offset
    var target = QueryName()
    for count in 1...Self.aliasCountMax {
      let end = exchange.reply.withOctets { target.parse($0, at: owner) }
      guard end != nil, owner <= WireLimits.pointerOffsetMax else { return }
      guard let zone = zones.match(target) else { return leaveOpen(&exchange, owner) }
      let zoneOffset = owner &+ target.octetCount &- zone.octetCount
      let names = ReplyNames(owner: owner, zone: zoneOffset, zoneLength: zone.octetCount)
      switch lookUp(target, zone, snapshot) {
      case .missing where isPodUnknown(target, zone, snapshot):
        return exchange.fail(.serverFailure, .notReady, "the cluster's pods are not loaded yet")
      case .missing:
        if handsOn.covers(target) { return leaveOpen(&exchange, owner) }
        exchange.reply.responseCode = .nameError
        appendStartOfAuthority(&exchange.reply, zoneOffset, snapshot.serial, .authority)
        return
      case .address(let address):
        return answer(&exchange, address, owner, zoneOffset, snapshot)
      case .name(let name):
        for index in 0..<count where index < 10 && seen[index] == name.identity { return }
        if let set = name.set(exchange.type) {
          return set.append(to: &exchange.reply, names: names, rotation: exchange.rotation)
        }
        guard let alias = name.set(.cname) else {
          return appendStartOfAuthority(
            &exchange.reply, zoneOffset, snapshot.serial, .authority)
        }
        guard count < Self.aliasCountMax else { return }
        seen[count] = name.identity
        owner = exchange.reply.count &+ 12
        alias.append(to: &exchange.reply, names: names, rotation: 0)
        if exchange.reply.isTruncated { return }
      }
    }
  }

  /// Leaves the alias whose target stands at `offset` to the server's routes.
  private func leaveOpen(_ exchange: inout Exchange, _ offset: Int) {
    exchange.aliasTarget = offset
    exchange.aliasIsOurs = true
  }

  /// SOA, all names in it pointing to the zone's name at `zone`: `ns.dns.ZONE hostmaster.ZONE`.
  private func appendStartOfAuthority(
    _ reply: inout ReplyWriter, _ zone: Int, _ serial: UInt32, _ section: ReplyWriter.Section
  ) {
    let pointer = UInt16(truncatingIfNeeded: 0xC000 | zone)
    reply.beginRecord()
    reply.appendPointerOwned(
      zone, .soa, ttl: min(ttl, Self.negativeTTLMax), dataLength: 42)
    reply.append32(0x026E_7303)  // 2 n s 3
    reply.append16(0x646E)  // d n
    reply.append8(0x73)  // s
    reply.append16(pointer)
    reply.append32(0x0A68_6F73)  // 10 h o s
    reply.append32(0x746D_6173)  // t m a s
    reply.append16(0x7465)  // t e
    reply.append8(0x72)  // r
    reply.append16(pointer)
    reply.append32(serial)
    reply.append32(7200)
    reply.append32(1800)
    reply.append32(86_400)
    reply.append32(ttl)
    _ = reply.endRecord(section)
  }

  // MARK: - Looking up

  /// What a name of our zones stands for.
  enum Lookup {
    /// A name in the store.
    case name(NameReader)
    /// A pod's name, spelling its address.
    case address(IPAddress)
    /// Nothing.
    case missing
  }

  private func lookUp(
    _ name: borrowing QueryName, _ zone: ZoneIndex.Match, _ snapshot: Snapshot
  ) -> Lookup {
    let length = name.octetCount &- zone.octetCount
    let storeZone = storeZones[zone.number]
    if let found = snapshot.find(
      name.octets.span.extracting(0..<max(0, length)), zone: storeZone)
    {
      return .name(found)
    }
    guard storeZone == 0 || storeZone == multiclusterZone else { return .missing }
    switch name.labelCount &- zone.labelCount {
    case 3 where answersAnyPodAddress && storeZone == 0: return lookUpPod(name, length, snapshot)
    case 5: return lookUpPort(name, length, storeZone, snapshot)
    default: return .missing
    }
  }

  /// `PORT.PROTOCOL.SERVICE.NAMESPACE.svc` without one underscore or both: the same as with them,
  /// as CoreDNS reads it. Looks again only when the second label can be a protocol. In a
  /// multicluster zone a name without any underscore is that of an endpoint.
  private func lookUpPort(
    _ name: borrowing QueryName, _ length: Int, _ storeZone: Int, _ snapshot: Snapshot
  ) -> Lookup {
    let underscore = UInt8(ascii: "_")
    let second = name.offset(ofLabel: 1)
    let third = name.offset(ofLabel: 2)
    let portIsBare = name.octets[1] != underscore
    let protocolIsBare = name.octets[(second &+ 1) & 0xFF] != underscore
    guard portIsBare || protocolIsBare, third &- second <= 6, length <= 250,
      storeZone == 0 || !(portIsBare && protocolIsBare)
    else { return .missing }
    var full = InlineArray<256, UInt8>(repeating: 0)
    var count = 0
    Self.copyLabel(name, 0, second, isBare: portIsBare, to: &full, &count)
    Self.copyLabel(name, second, third, isBare: protocolIsBare, to: &full, &count)
    for index in third..<max(length, third) {
      full[count & 0xFF] = name.octets[index & 0xFF]
      count &+= 1
    }
    guard let found = snapshot.find(full.span.extracting(0..<min(count, 255)), zone: storeZone)
    else {
      return .missing
    }
    return .name(found)
  }

  /// Copies the label at `start` ..< `end`, with an underscore in front when it has none.
  private static func copyLabel(
    _ name: borrowing QueryName, _ start: Int, _ end: Int, isBare: Bool,
    to target: inout InlineArray<256, UInt8>, _ count: inout Int
  ) {
    target[count & 0xFF] = name.octets[start & 0xFF] &+ (isBare ? 1 : 0)
    count &+= 1
    if isBare {
      target[count & 0xFF] = UInt8(ascii: "_")
      count &+= 1
    }
    for index in (start &+ 1)..<max(end, start &+ 1) {
      target[count & 0xFF] = name.octets[index & 0xFF]
      count &+= 1
    }
  }
}
