import DNSWire

/// What should be copied of an upstream's reply, said once more without regard to speed.
struct CopyModel {
  private let reply: UpstreamReply
  private let dnssecOK: Bool
  private var current: DomainName
  /// The records of the three sections, owners in the case they should have.
  private(set) var sections: [[ResourceRecord]] = [[], [], []]
  private(set) var ending = ChainEnding.unanswered
  private(set) var aliasTarget: DomainName?

  init(_ reply: UpstreamReply, dnssecOK: Bool) {
    self.reply = reply
    self.dnssecOK = dnssecOK
    current = reply.name
    followChain()
    for record in reply.sections[1] where belongsToAuthority(record.record) {
      keep(record.record, 1)
    }
    let targets = (sections[0] + sections[1]).compactMap(Self.target)
    for record in reply.sections[2].map(\.record) {
      guard record.type != .rrsig || dnssecOK, targets.contains(record.owner) else { continue }
      let covered = Self.covered(record)
      if covered == .a || covered == .aaaa { keep(record, 2) }
    }
  }

  /// The smallest TTL.
  var smallestTTL: UInt32? { sections.joined().map(\.ttl).min() }

  /// The smaller one of the first SOA's TTL and its last field.
  var negativeTTL: UInt32? {
    guard let soa = sections[1].first(where: { $0.type == .soa }) else { return nil }
    let minimum = soa.data.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return min(soa.ttl, Self.bounded(minimum))
  }

  // MARK: - Answer

  private mutating func followChain() {
    let answer = reply.sections[0].map(\.record)
    var chain = [current]
    while true {
      let here = answer.filter { $0.owner == current }
      let wanted = here.filter { answers($0) }
      for record in wanted { keep(record, 0) }
      if !wanted.isEmpty {
        if reply.type != .any, reply.type != .rrsig { keepSignatures(of: reply.type, at: current) }
        return end(.answered)
      }
      guard reply.type != .any, let alias = here.first(where: { $0.type == .cname }) else { return }
      guard chain.count <= 16 else { return end(.cut) }
      guard let target = DomainName(wire: alias.data) else { return }
      let subtrees = answer.filter { $0.type == .dname }.prefix(CopyLimits.subtreeCountMax)
      if let source = subtrees.first(where: { Self.substitutes($0, current) == target }) {
        keep(source, 0)
        keepSignatures(of: .dname, at: source.owner)
      }
      keep(alias, 0)
      keepSignatures(of: .cname, at: current)
      if reply.type == .cname { return end(.answered) }
      current = target
      if chain.contains(target) { return end(.looping) }
      chain.append(target)
      ending = .aliased
      aliasTarget = target
    }
  }

  private mutating func end(_ ending: ChainEnding) {
    self.ending = ending
    aliasTarget = nil
  }

  private func answers(_ record: ResourceRecord) -> Bool {
    switch reply.type {
    case .any: true
    case .cname: false
    default: record.type == reply.type
    }
  }

  /// What a DNAME makes of a name below its owner.
  private static func substitutes(_ record: ResourceRecord, _ name: DomainName) -> DomainName? {
    guard record.type == .dname, name != record.owner,
      let prefix = name.relativeWire(to: record.owner)
    else { return nil }
    return DomainName(wire: prefix + record.data)
  }

  private mutating func keepSignatures(of type: RRType, at owner: DomainName) {
    guard dnssecOK else { return }
    for record in reply.sections[0].map(\.record)
    where record.type == .rrsig && record.owner == owner && Self.covered(record) == type {
      keep(record, 0)
    }
  }

  // MARK: - Records

  private mutating func keep(_ record: ResourceRecord, _ section: Int) {
    var kept = record
    if kept.owner == current { kept.owner = current }
    kept.ttl = Self.bounded(kept.ttl)
    sections[section].append(kept)
  }

  private func belongsToAuthority(_ record: ResourceRecord) -> Bool {
    guard record.type != .rrsig || dnssecOK else { return false }
    switch Self.covered(record) {
    case .soa, .ns: return current.isAtOrBelow(record.owner)
    case .ds: return dnssecOK && current.isAtOrBelow(record.owner)
    case .nsec, .nsec3: return dnssecOK
    default: return false
    }
  }

  private static func covered(_ record: ResourceRecord) -> RRType {
    guard record.type == .rrsig else { return record.type }
    return RRType(rawValue: UInt16(record.data[0]) << 8 | UInt16(record.data[1]))
  }

  private static func target(_ record: ResourceRecord) -> DomainName? {
    switch record.type {
    case .ns: DomainName(wire: record.data)
    case .mx: DomainName(wire: Array(record.data.dropFirst(2)))
    case .srv: DomainName(wire: Array(record.data.dropFirst(6)))
    default: nil
    }
  }

  private static func bounded(_ ttl: UInt32) -> UInt32 {
    ttl >= 0x8000_0000 ? 0 : min(ttl, 604_800)
  }
}
