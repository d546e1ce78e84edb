import Cluster
import DNSWire
import RecordStore
import Testing

/// A store under test, and what is in it as text.
struct RecordWorld {
  /// The records under test.
  let records: ClusterRecords
  private let options: RecordOptions

  /// The serial of every store's start; the clock stands still there.
  static let start: UInt32 = 1_000

  /// A store with `cluster.local` and both reverse zones, changed by `adjust`.
  init(_ adjust: (inout RecordOptions) -> Void = { _ in }) throws {
    var options = RecordOptions()
    options.primaryZone = try #require(DomainName(text: "cluster.local."))
    options.reverseZones = try ["in-addr.arpa.", "ip6.arpa."].map {
      try #require(DomainName(text: $0))
    }
    adjust(&options)
    try self.init(options: options)
  }

  /// A store with exactly these options.
  init(options: RecordOptions) throws {
    self.options = options
    records = try #require(ClusterRecords(options: options, now: Self.start))
  }

  // MARK: - Changes

  /// Sets objects, as one round; whether an answer changed.
  @discardableResult
  func set(_ objects: ClusterObject...) throws -> Bool {
    try apply(objects.map(ObjectChange.set))
  }

  /// Deletes an object; whether an answer changed.
  @discardableResult
  func delete(_ kind: ObjectKind, _ key: String) throws -> Bool {
    let key =
      kind == .namespace
      ? ObjectKey(namespace: "", name: key) : ObjectText.objectKey(key)
    return try apply([.delete(kind, key)])
  }

  /// Applies a round; the first one is the first full picture.
  @discardableResult
  func apply(_ changes: [ObjectChange]) throws -> Bool {
    if records.isReady { return try records.apply(changes, now: Self.start) }
    try records.apply(changes, now: Self.start)
    try records.declareReady(now: Self.start)
    return true
  }

  // MARK: - Looking

  /// The SOA serial.
  var serial: UInt32 {
    defer { records.store.leave(reader: 0) }
    return records.store.enter(reader: 0).serial
  }

  /// Every name of every zone with its sets: the whole contents.
  var contents: [[[UInt8]: [RRset]]] {
    let snapshot = records.store.enter(reader: 0)
    defer { records.store.leave(reader: 0) }
    return records.store.zones.indices.map { zone in
      var names: [[UInt8]: [RRset]] = [:]
      snapshot.forEachName(zone: zone) { names[$0] = $1 }
      return names
    }
  }

  /// The records that answers give, as lines `NAME TYPE DATA`, sorted; without the names that every
  /// cluster has. Names are relative to the cluster zone, reverse names are their addresses.
  var lines: [String] {
    var result: [String] = []
    for (zone, names) in contents.enumerated() {
      let zoneName = records.store.zones[zone]
      for (name, sets) in names {
        guard let owner = DomainName(wire: name + zoneName.wire) else { continue }
        let records = sets.flatMap { $0.records(owner: owner, zone: zoneName) }
        result += records.map(line).filter { !Self.isFixed($0) }
      }
    }
    return result.sorted()
  }

  /// Lines about one address or one name and what is below it.
  func lines(about name: String) -> [String] {
    lines.filter { line in
      let owner = line.prefix { $0 != " " }
      return owner == name || owner.hasSuffix("." + name)
    }
  }

  /// The names of the cluster zone that exist and have no records, sorted; without those that every
  /// cluster has.
  var emptyNames: [String] {
    let zone = options.primaryZone
    return (contents.first ?? [:]).filter(\.value.isEmpty).keys
      .compactMap { DomainName(wire: $0 + zone.wire) }.map(short)
      .filter { !["svc", "pod", "dns", "ns.dns"].contains($0) }.sorted()
  }

  // MARK: - Text

  private static func isFixed(_ line: String) -> Bool {
    line.hasPrefix("dns-version") || line.hasPrefix("ns.dns") || line.contains(" NS ")
  }

  private func line(_ record: ResourceRecord) -> String {
    "\(short(record.owner)) \(record.type) \(data(record))"
  }

  /// A record's data as text.
  func data(_ record: ResourceRecord) -> String {
    let data = record.data
    switch record.type {
    case .a: return data.map { String($0) }.joined(separator: ".")
    case .aaaa:
      func half(_ octets: ArraySlice<UInt8>) -> UInt64 {
        octets.reduce(0) { $0 << 8 | UInt64($1) }
      }
      return IPAddress(v6High: half(data.prefix(8)), low: half(data.suffix(8))).description
    case .srv:
      let numbers = [0, 2, 4].map { String(data.span.word16($0)) }.joined(separator: " ")
      return numbers + " " + name(Array(data.dropFirst(6)))
    case .cname, .ptr, .ns: return name(data)
    default: return String(decoding: data.dropFirst(), as: UTF8.self)
    }
  }

  private func name(_ wire: [UInt8]) -> String {
    DomainName(wire: wire).map(short) ?? "MALFORMED"
  }

  /// A name without the cluster zone; a whole reverse name as its address.
  private func short(_ name: DomainName) -> String {
    if let relative = name.relativeWire(to: options.primaryZone),
      let text = DomainName(wire: relative + [0])
    {
      return relative.isEmpty ? "@" : String(text.description.dropLast())
    }
    return Self.address(name) ?? name.description
  }

  private static func address(_ name: DomainName) -> String? {
    let labels = name.labels.map { String(decoding: $0, as: UTF8.self) }
    if labels.suffix(2) == ["in-addr", "arpa"], labels.count == 6 {
      return labels.prefix(4).reversed().joined(separator: ".")
    }
    guard labels.suffix(2) == ["ip6", "arpa"], labels.count == 34 else { return nil }
    let digits = labels.prefix(32).reversed().joined()
    let high = UInt64(digits.prefix(16), radix: 16)
    let low = UInt64(digits.suffix(16), radix: 16)
    guard let high, let low else { return nil }
    return IPAddress(v6High: high, low: low).description
  }
}

/// Objects and the records that must come of them.
struct RecordCase: Sendable, CustomTestStringConvertible {
  /// What the case shows.
  let testDescription: String
  /// The objects, applied as one round.
  let objects: [ClusterObject]
  /// The lines, in any order.
  let lines: [String]

  /// A case; `lines` is one text with a line a record.
  init(_ description: String, _ objects: ClusterObject..., lines: String) {
    testDescription = description
    self.objects = objects
    self.lines = lines.split(separator: "\n").map(String.init)
  }

  /// Applies the objects and compares.
  func check(_ adjust: (inout RecordOptions) -> Void = { _ in }) throws {
    let world = try RecordWorld(adjust)
    try world.apply(objects.map(ObjectChange.set))
    #expect(world.lines == lines.sorted())
  }
}
