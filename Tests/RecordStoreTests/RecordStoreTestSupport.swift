import DNSWire
import RecordStore
import Testing
import TestSupport
import ZoneText

extension SeededGenerator {
  /// A number of the range.
  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// True once in `count` times.
  mutating func oneIn(_ count: Int) -> Bool { number(0...(count - 1)) == 0 }
}

// MARK: - Names

/// A name from text that a test vouches for.
func domainName(_ text: String) -> DomainName { DomainName(text: text) ?? .root }

/// The name relative to a zone as the store has it: `a.b` is `1 a 1 b`.
func relative(_ text: String) -> [UInt8] { Array(domainName(text).wire.dropLast()) }

// MARK: - Sets

/// A set of IPv4 addresses given as numbers.
func addresses(_ values: [Int], ttl: UInt32 = 5) -> RRset {
  let list = values.map { IPAddress(v4: UInt32(truncatingIfNeeded: $0)) }
  return RRset(type: .a, ttl: ttl, data: .addresses(list))
}

/// A set of IPv6 addresses given as numbers.
func addresses6(_ values: [Int], ttl: UInt32 = 5) -> RRset {
  let list = values.map { IPAddress(v6High: 0x2001_0DB8 << 32, low: UInt64($0)) }
  return RRset(type: .aaaa, ttl: ttl, data: .addresses(list))
}

/// A target with numbered addresses of both families.
func target(
  _ name: String, ports: [Int] = [443], v4: [Int] = [], v6: [Int] = []
) -> ServiceTarget {
  let entries = ports.map { ServiceTarget.Entry(weight: 50, port: UInt16($0)) }
  let low = v4.map { IPAddress(v4: UInt32($0)) }
  let high = v6.map { IPAddress(v6High: 0x2001_0DB8 << 32, low: UInt64($0)) }
  return ServiceTarget(name: relative(name), entries: entries, addresses: low + high)
}

/// An SRV set.
func services(_ targets: [ServiceTarget], type: RRType = .srv, ttl: UInt32 = 5) -> RRset {
  RRset(type: type, ttl: ttl, data: .targets(targets))
}

// MARK: - Stores

/// An empty store of moderate size.
func makeStore(
  _ zones: [String] = ["z"], serial: UInt32 = 1, arenaOctetCount: Int = 64 << 20
) throws -> RecordStore {
  try #require(
    RecordStore(
      zones: zones.map(domainName), serial: serial, arenaOctetCount: arenaOctetCount))
}

extension RecordStore {
  /// Lends the current snapshot.
  func read<Result>(reader: Int = 0, _ body: (Snapshot) -> Result) -> Result {
    let snapshot = enter(reader: reader)
    defer { leave(reader: reader) }
    return body(snapshot)
  }

  /// Every name of a zone with its sets, as readers see it now.
  func contents(zone: Int = 0) -> [[UInt8]: [RRset]] { read { $0.contents(zone: zone) } }

  /// The serial, as readers see it now.
  var serial: UInt32 { read { $0.serial } }
}

extension Snapshot {
  /// Looks up a name given as an array.
  func find(_ name: [UInt8], zone: Int = 0) -> NameReader? { find(name.span, zone: zone) }

  /// Every name of a zone with its sets.
  func contents(zone: Int = 0) -> [[UInt8]: [RRset]] {
    var result: [[UInt8]: [RRset]] = [:]
    forEachName(zone: zone) { name, sets in result[name] = sets }
    return result
  }

  /// The types that look-up finds at a name; `nil` when it does not exist.
  func types(_ name: [UInt8], of types: [RRType], zone: Int = 0) -> [RRType]? {
    guard let found = find(name.span, zone: zone) else { return nil }
    return types.filter { found.set($0) != nil }
  }

  /// Whether a name exists.
  func has(_ name: String, zone: Int = 0) -> Bool {
    find(relative(name).span, zone: zone) != nil
  }
}

// MARK: - A model of the store

/// What a zone should hold, kept the plain way.
struct ZoneModel: Equatable {
  /// Names with sets, and declared names without.
  var sets: [[UInt8]: [RRset]] = [:]

  /// Those and all names above them: empty non-terminals have no sets.
  var names: [[UInt8]: [RRset]] {
    var result = sets
    for name in sets.keys {
      var rest = name[...]
      while let length = rest.first {
        rest = rest.dropFirst(Int(length) + 1)
        if result[Array(rest)] == nil { result[Array(rest)] = [] }
      }
    }
    return result
  }
}

// MARK: - Answers

/// A reply of the store to one question, and libldns's opinion on it.
struct Answer {
  /// The octets.
  var octets: [UInt8]
  /// Questions and records by section, as libldns counts them.
  var counts: [Int]
  /// All records in wire form, uncompressed, as libldns reads them.
  var records: [[UInt8]]
  /// TC.
  var isTruncated: Bool
}

/// Asks `store` for `name` (in the client's own case) and `type`, and has libldns read the reply.
func ask(
  _ store: RecordStore, _ name: DomainName, _ type: RRType, sizeMax: Int = 65_535,
  rotation: UInt32 = 0, zone: Int = 0
) throws -> Answer {
  let relative = try #require(name.lowercased.relativeWire(to: store.zones[zone]))
  let zoneLength = store.zones[zone].wire.count
  let question =
    name.wire
    + [UInt8(truncatingIfNeeded: type.rawValue >> 8), UInt8(truncatingIfNeeded: type.rawValue)]
    + [0, 1]
  let names = ReplyNames(owner: 12, zone: 12 + relative.count, zoneLength: zoneLength)
  let octets = store.read { snapshot in
    compose(capacity: sizeMax) { writer in
      writer.reset(sizeMax: sizeMax, hasOPT: false)
      writer.appendQuestion(question.span)
      let set = snapshot.find(relative.span, zone: zone)?.set(type)
      set?.append(to: &writer, names: names, rotation: rotation)
      writer.finish(query: Header(), edns: nil, payloadSize: 0, error: nil)
    }
  }
  let judged = try MessageJudge(octets)
  return Answer(
    octets: octets, counts: judged.counts, records: judged.records,
    isTruncated: octets[2] & 0x02 != 0)
}

/// Runs `body` on a writer over `capacity` octets: the reply it left.
func compose(capacity: Int, _ body: (inout ReplyWriter) -> Void) -> [UInt8] {
  var memory = [UInt8](repeating: 0, count: capacity)
  var result: [UInt8] = []
  unsafe memory.withUnsafeMutableBufferPointer { buffer in
    guard let start = buffer.baseAddress else { return }
    // SAFETY: the array's own octets, which the closure holds alone.
    var writer = unsafe ReplyWriter(base: start, capacity: capacity)
    body(&writer)
    result = writer.withOctets { span in (0..<span.count).map { span[$0] } }
  }
  return result
}

/// The addresses that belong to a set's targets, as records of the additional section.
func additionalRecords(_ set: RRset, zone: DomainName) -> [ResourceRecord] {
  guard case .targets(let targets) = set.data else { return [] }
  return targets.flatMap { target in
    target.addresses.map { address in
      ResourceRecord(
        owner: DomainName(wire: target.name + zone.wire) ?? .root,
        type: address.family == .v4 ? .a : .aaaa, ttl: set.ttl, data: address.octets)
    }
  }
}
