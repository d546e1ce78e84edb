import DNSWire
import TestSupport

/// A random reply of an upstream, right in form, wrong in all else: chains of aliases out of order,
/// loops, records of other names, signatures of everything.
struct UpstreamReply {
  /// QNAME as it was sent.
  var name: DomainName
  /// QTYPE.
  var type: RRType
  /// Answer, authority, additional.
  var sections: [[RandomRecord]] = [[], [], []]

  /// The question as on the wire.
  var question: [UInt8] { name.wire + octets16(Int(type.rawValue)) + [0, 1] }

  /// The message, its names compressed, with ID 0x1234 and the OPT record of a server.
  var octets: [UInt8] {
    compose(capacity: 65_535) { writer in
      writer.reset(sizeMax: 65_535, hasOPT: true)
      writer.appendQuestion(question.span)
      var compressor = NameCompressor()
      let places: [ReplyWriter.Section] = [.answer, .authority, .additional]
      for (place, records) in zip(places, sections) {
        for record in records { _ = record.write(to: &writer, &compressor, place) }
      }
      var query = Header()
      query.id = 0x1234
      let edns = EDNS(requestorPayloadSize: 1_232, version: 0, dnssecOK: false)
      writer.finish(query: query, edns: edns, payloadSize: 1_232, error: nil)
    }
  }
}

/// Makes replies over few names, so that chains, loops and poison come about by themselves.
struct UpstreamReplyGenerator {
  private var random: SeededGenerator
  private static let tops = ["test", "b.test", "example"]

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  /// The next reply; `isLong` gives some hundred records.
  mutating func next(isLong: Bool = false) -> UpstreamReply {
    let types: [RRType] = [.a, .a, .a, .aaaa, .ns, .cname, .mx, .srv, .txt, .any, .rrsig, .dname]
    var reply = UpstreamReply(name: name(), type: random.pick(types, or: .a))
    if random.oneIn(3) { reply.sections[0] += chain(from: reply.name, to: reply.type) }
    let countMax = isLong ? 300 : 8
    for section in 0..<3 {
      for _ in 0..<random.number(0...countMax) {
        reply.sections[section].append(record(reply.type))
      }
    }
    if random.oneIn(2) { reply.sections[0].shuffle(using: &random) }
    return reply
  }

  /// A chain of up to 20 aliases and a record of the type at its end.
  private mutating func chain(from start: DomainName, to type: RRType) -> [RandomRecord] {
    var records: [RandomRecord] = []
    var owner = start
    for number in 0..<random.number(0...20) {
      let target = DomainName(text: "h\(number).chain.test") ?? .root
      records.append(RandomRecord(owner: owner, type: .cname, ttl: 60, parts: [.name(target)]))
      owner = target
    }
    var last = record(type)
    last.owner = owner
    return records + [last]
  }

  /// One of few names, in one of two cases, at times a host below another.
  private mutating func name() -> DomainName {
    let top = random.pick(Self.tops, or: "test")
    var text = random.pick(["a.", "b.", "a.b.", "ns.", ""], or: "") + top
    if random.oneIn(20) { text = "." }
    if random.oneIn(8) { text = text.uppercased() }
    return DomainName(text: text) ?? .root
  }

  private mutating func record(_ asked: RRType) -> RandomRecord {
    let ttls: [UInt32] = [0, 1, 60, 604_800, 604_801, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]
    let types: [RRType] = [
      .a, .aaaa, .ns, .cname, .cname, .soa, .mx, .srv, .txt, .dname, .rrsig, .ds, .nsec, .ptr,
    ]
    let type = random.oneIn(3) && asked != .any ? asked : random.pick(types, or: .a)
    return RandomRecord(
      owner: name(), type: type, ttl: random.pick(ttls, or: 60), parts: parts(type))
  }

  private mutating func parts(_ type: RRType) -> [DataPart] {
    switch type {
    case .a: [.octets(random.octets(4))]
    case .aaaa: [.octets(random.octets(16))]
    case .soa: [.name(name()), .name(name()), .octets(random.octets(20))]
    case .mx: [.octets(random.octets(2)), .name(name())]
    case .srv: [.octets(random.octets(6)), .octets(name().wire)]
    case .dname: [.octets(name().wire)]
    case .rrsig: signature()
    case .ds: [.octets(octets16(1) + [8, 2] + random.octets(32))]
    case .nsec: [.octets(name().wire + [0, 1, 0x40])]
    case .txt: [.octets([3] + random.octets(3))]
    default: [.name(name())]
    }
  }

  private mutating func signature() -> [DataPart] {
    let covered: [RRType] = [.a, .cname, .dname, .soa, .ns, .nsec, .ds, .mx, .aaaa]
    let type = Int(random.pick(covered, or: .a).rawValue)
    return [.octets(octets16(type) + [8, 2] + random.octets(14) + name().wire + [1, 2, 3])]
  }
}
