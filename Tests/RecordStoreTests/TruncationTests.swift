import DNSWire
import RecordStore
import Testing

/// Sets that do not fit, at every size there is (RFC 2181 §9).
@Suite struct TruncationTests {
  /// Short names: a question that does not fit leaves no room for a record either.
  static let owner = domainName("a.z")
  static let zone = domainName("z")

  static let sets: [RRset] = [
    addresses(Array(1...12)), addresses6([1, 2, 3, 4]),
    services([target("t", ports: [1, 2], v4: [1, 2], v6: [3]), target("uu.v", v4: [4], v6: [5])]),
    services([target("ns", ports: [0], v4: [1], v6: [2]), target("x", ports: [0])], type: .ns),
    RRset(type: .txt, ttl: 5, data: .whole([[0], [3, 1, 2, 3], [1, 9]], visibleCount: 3)),
    RRset(type: .mx, ttl: 5, data: .whole([[0, 1, 1, 97, 0], [0, 2, 0]], visibleCount: 2)),
  ]

  /// What a reply of `sizeMax` octets should hold: whole records up to the first that does not fit.
  private static func expected(
    _ set: RRset, sizeMax: Int
  ) -> (records: [ResourceRecord], isTruncated: Bool) {
    var size = 12 + owner.wire.count + 4
    var kept: [ResourceRecord] = []
    func take(_ records: [ResourceRecord]) -> Bool {
      for record in records {
        // Owners are pointers: twelve octets before RDATA.
        size += 12 + record.data.count
        if size > sizeMax { return false }
        kept.append(record)
      }
      return true
    }
    guard take(set.records(owner: owner, zone: zone)) else { return (kept, true) }
    _ = take(additionalRecords(set, zone: zone))
    return (kept, false)
  }

  @Test(arguments: sets)
  func `whole records at every size`(set: RRset) throws {
    let store = try makeStore(["z"])
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("a"), zone: 0, [set])
    }
    let full = try ask(store, Self.owner, set.type).octets.count
    let all =
      set.records(owner: Self.owner, zone: Self.zone)
      + additionalRecords(set, zone: Self.zone)
    var sawAdditionalLost = false
    for sizeMax in 12...(full + 1) {
      let answer = try ask(store, Self.owner, set.type, sizeMax: sizeMax)
      let (records, isTruncated) = Self.expected(set, sizeMax: sizeMax)
      #expect(answer.octets.count <= sizeMax)
      #expect(answer.records == records.map(\.wire), "\(sizeMax)")
      #expect(answer.isTruncated == isTruncated, "\(sizeMax)")
      sawAdditionalLost = sawAdditionalLost || (records.count < all.count && !isTruncated)
    }
    #expect(sawAdditionalLost == !additionalRecords(set, zone: Self.zone).isEmpty)
  }

  @Test func `a rotated set is cut behind its first records`() throws {
    let store = try makeStore(["z"])
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("a"), zone: 0, [addresses(Array(0...9))])
    }
    let records = addresses(Array(0...9)).records(owner: Self.owner, zone: Self.zone)
    for kept in 0...10 {
      let answer = try ask(
        store, Self.owner, .a, sizeMax: 12 + 9 + kept * 16, rotation: UInt32.max / 10 * 7 + 99)
      let expected = (records[7...] + records[..<7]).prefix(kept).map(\.wire)
      #expect(answer.records == expected)
      #expect(answer.isTruncated == (kept < 10))
    }
  }

  @Test func `a set larger than any message is cut to one`() throws {
    let store = try makeStore(["z"])
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("a"), zone: 0, [addresses(Array(1...5_000))])
    }
    let answer = try ask(store, Self.owner, .a)
    let kept = (65_535 - 21) / 16
    #expect(answer.counts == [1, kept, 0, 0])
    #expect(answer.octets.count == 21 + kept * 16)
    #expect(answer.isTruncated)
  }
}
