import DNSWire
import RecordStore
import Testing
import TestSupport

/// Rotation of address and MX sets (`loadbalance`): any start, each as often as the others.
@Suite struct RotationTests {
  static let owner = domainName("a.z")

  private static func store(_ set: RRset) throws -> RecordStore {
    let store = try makeStore(["z"])
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("a"), zone: 0, [set])
    }
    return store
  }

  /// A set of `count` records of `type`.
  private static func set(_ type: RRType, _ count: Int) -> RRset {
    switch type {
    case .a: addresses(Array(0..<count))
    case .aaaa: addresses6(Array(0..<count))
    case .srv, .ns:
      services((0..<count).map { target("t\($0)", ports: [$0]) }, type: type)
    default:
      RRset(
        type: type, ttl: 5,
        data: .whole((0..<count).map { [0, UInt8($0), 0] }, visibleCount: count))
    }
  }

  @Test(arguments: [RRType.a, .aaaa, .mx], [1, 2, 3, 5, 7, 16])
  func `each record starts equally often`(type: RRType, count: Int) throws {
    let seed: UInt64 = 16
    var generator = SeededGenerator(seed: seed)
    let set = Self.set(type, count)
    let store = try Self.store(set)
    let records = set.records(owner: Self.owner, zone: domainName("z")).map(\.wire)
    let roundCount = 200 * count
    var starts = [Int](repeating: 0, count: count)
    for _ in 0..<roundCount {
      let rotation = UInt32.random(in: 0 ... .max, using: &generator)
      let answer = try ask(store, Self.owner, type, rotation: rotation).records
      let first = try #require(answer.first.flatMap { records.firstIndex(of: $0) })
      #expect(answer == Array(records[first...] + records[..<first]), "seed \(seed)")
      starts[first] += 1
    }
    let expected = Double(roundCount) / Double(count)
    let distances = starts.map { (Double($0) - expected) * (Double($0) - expected) / expected }
    // Chi-square with count - 1 degrees of freedom: mean count - 1, variance twice that.
    let bound = Double(count - 1) + 4 * (2 * Double(count - 1)).squareRoot()
    #expect(distances.reduce(0, +) <= bound, "seed \(seed): \(starts)")
  }

  @Test(arguments: [RRType.a, .aaaa, .mx])
  func `the ends of the range are the first and the last`(type: RRType) throws {
    let set = Self.set(type, 5)
    let store = try Self.store(set)
    let records = set.records(owner: Self.owner, zone: domainName("z")).map(\.wire)
    for (rotation, start) in [(0, 0), (1, 0), (UInt32.max / 2, 2), (.max, 4)] as [(UInt32, Int)] {
      let answer = try ask(store, Self.owner, type, rotation: rotation).records
      #expect(answer == Array(records[start...] + records[..<start]), "\(rotation)")
    }
  }

  @Test(arguments: [RRType.srv, .ns, .txt, .ptr, .cname])
  func `other sets keep their order`(type: RRType) throws {
    let list: [[UInt8]] =
      type == .txt ? [[1, 97], [1, 98], [0]] : [[1, 97, 0], [1, 98, 0], [0]]
    let isWhole = type != .srv && type != .ns
    let set =
      isWhole
      ? RRset(type: type, ttl: 5, data: .whole(list, visibleCount: 3)) : Self.set(type, 3)
    let store = try Self.store(set)
    let records = set.records(owner: Self.owner, zone: domainName("z")).map(\.wire)
    for rotation in [0, 1 << 30, .max] as [UInt32] {
      let answer = try ask(store, Self.owner, type, rotation: rotation).records
      #expect(answer == records)
    }
  }
}
