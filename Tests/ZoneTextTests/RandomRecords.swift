import DNSWire
import TestSupport

/// RDATA in the pieces that matter to compression.
enum DataPart {
  /// Octets as they are.
  case octets([UInt8])
  /// A name that may be compressed (RFC 3597 §4: the types of RFC 1035).
  case name(DomainName)
}

/// A record to be written, with RDATA in parts.
struct RandomRecord {
  var owner: DomainName
  var type: RRType
  var ttl: UInt32
  var parts: [DataPart]

  /// The same record, uncompressed.
  var record: ResourceRecord {
    let data = parts.flatMap { part -> [UInt8] in
      switch part {
      case .octets(let octets): octets
      case .name(let name): name.wire
      }
    }
    return ResourceRecord(owner: owner, type: type, ttl: ttl, data: data)
  }

  /// Writes the record, its names compressed; whether it fit.
  func write(
    to reply: inout ReplyWriter, _ compressor: inout NameCompressor, _ section: ReplyWriter.Section
  ) -> Bool {
    reply.beginRecord()
    compressor.append(owner, to: &reply)
    reply.append16(type.rawValue)
    reply.append16(RRClass.internet.rawValue)
    reply.append32(ttl)
    let lengthOffset = reply.count
    reply.append16(0)
    for part in parts {
      switch part {
      case .octets(let octets): reply.append(octets.span)
      case .name(let name): compressor.append(name, to: &reply)
      }
    }
    let length = reply.count - lengthOffset - 2
    reply.patch16(UInt16(truncatingIfNeeded: length), at: lengthOffset)
    return reply.endRecord(section)
  }
}

/// Makes names and records; names share suffixes often, so that there is something to compress.
struct RecordGenerator {
  var random: SeededGenerator
  private var known: [DomainName] = [.root]

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  /// Forgets the names made so far.
  mutating func forget() { known = [.root] }

  /// A name; most are below one made before.
  mutating func name() -> DomainName {
    if random.oneIn(4) { return random.pick(known, or: .root) }
    var labels = random.oneIn(3) ? [] : random.pick(known, or: .root).labels
    for _ in 0..<random.number(1...3) { labels.insert(label(), at: 0) }
    guard let name = DomainName(labels: labels) else { return .root }
    known.append(name)
    return name
  }

  private mutating func label() -> [UInt8] {
    switch random.number(0...9) {
    case 0: return random.octets(random.number(1...12))
    case 1: return random.octets(63)
    case 2: return Array(random.pick(["Kube", "KUBE", "kubE"], or: "").utf8)
    default: return Array(random.pick(["a", "b", "svc", "kube", "_tcp", "local"], or: "x").utf8)
    }
  }

  private mutating func text(_ countMax: Int) -> [UInt8] {
    let count = random.number(0...countMax)
    return [UInt8(truncatingIfNeeded: count)] + random.octets(count)
  }

  /// A record of one of the types that are ever written.
  mutating func record() -> RandomRecord {
    let (type, parts) = data()
    let ttl = UInt32(truncatingIfNeeded: random.next())
    return RandomRecord(owner: name(), type: type, ttl: ttl, parts: parts)
  }

  private mutating func data() -> (RRType, [DataPart]) {
    switch random.number(0...11) {
    case 0: return (.ns, [.name(name())])
    case 1: return (.cname, [.name(name())])
    case 2: return (.ptr, [.name(name())])
    case 3: return (.mx, [.octets(random.octets(2)), .name(name())])
    case 4: return (.soa, [.name(name()), .name(name()), .octets(random.octets(20))])
    case 5: return (.srv, [.octets(random.octets(6)), .octets(name().wire)])
    case 6: return (.txt, (0...random.number(0...3)).map { _ in .octets(text(80)) })
    case 7: return (.hinfo, [.octets(text(20)), .octets(text(20))])
    // The range for private use: opaque.
    case 8:
      let type = RRType(rawValue: UInt16(65_280 + random.number(0...254)))
      return (type, [.octets(random.octets(random.number(0...40)))])
    case 9: return (.aaaa, [.octets(random.octets(16))])
    default: return (.a, [.octets(random.octets(4))])
    }
  }
}
