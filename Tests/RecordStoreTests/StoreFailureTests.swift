import DNSWire
import RecordStore
import Testing

/// Edits that cannot be made whole change nothing, and cost nothing.
@Suite struct StoreFailureTests {
  /// The smallest arena: 64 KiB.
  static let tinyOctetCount = 1

  private static func fill(_ store: RecordStore, _ numbers: Range<Int>) throws(StoreError) {
    try store.edit(now: 5) { edit throws(StoreError) in
      for number in numbers {
        try edit.set(relative("n\(number).deep.er"), zone: 0, [addresses([number])])
      }
    }
  }

  /// Everything that must be the same after a failed edit.
  private struct Picture: Equatable, CustomTestStringConvertible {
    var contents: [[UInt8]: [RRset]]
    var serial: UInt32
    var usedOctetCount: Int

    var testDescription: String {
      "\(contents.count) names, serial \(serial), \(usedOctetCount) octets"
    }

    init(_ store: RecordStore) {
      contents = store.contents()
      serial = store.serial
      usedOctetCount = store.usedOctetCount
    }
  }

  @Test func `a failed edit changes nothing, time and again`() throws {
    let store = try makeStore(arenaOctetCount: Self.tinyOctetCount)
    try Self.fill(store, 0..<100)
    let before = Picture(store)
    for round in 0..<50 {
      #expect(throws: StoreError.full) { try Self.fill(store, 50..<5_000) }
      #expect(Picture(store) == before, "round \(round)")
    }
    // Room for smaller edits is still there.
    try Self.fill(store, 100..<150)
    #expect(store.contents().count == 150 + 3)
  }

  @Test func `one set that is too large fails alone`() throws {
    let store = try makeStore(arenaOctetCount: Self.tinyOctetCount)
    try Self.fill(store, 0..<10)
    let before = Picture(store)
    #expect(throws: StoreError.full) {
      try store.edit(now: 9) { edit throws(StoreError) in
        try edit.remove(relative("n3.deep.er"), zone: 0)
        try edit.set(relative("big"), zone: 0, [addresses(Array(0..<20_000))])
      }
    }
    #expect(Picture(store) == before)
    try store.edit(now: 9) { edit throws(StoreError) in
      try edit.remove(relative("n3.deep.er"), zone: 0)
    }
    #expect(store.contents().count == 9 + 3)
  }

  @Test func `a full store can be emptied and filled again`() throws {
    let store = try makeStore(arenaOctetCount: Self.tinyOctetCount)
    let empty = store.usedOctetCount
    var counts: [Int] = []
    for _ in 0..<5 {
      var count = 0
      while (try? Self.fill(store, count..<(count + 1))) != nil { count += 1 }
      counts.append(count)
      #expect(store.contents().count == count + 3)
      // Small steps: removing takes room for a path as well.
      for number in (0..<count).reversed() {
        try store.edit(now: 5) { edit throws(StoreError) in
          try edit.remove(relative("n\(number).deep.er"), zone: 0)
        }
      }
      #expect(store.contents().isEmpty)
      #expect(store.usedOctetCount == empty)
    }
    #expect(counts.allSatisfy { $0 > 200 })
  }

  @Test func `an edit given up by its author is undone`() throws {
    let store = try makeStore()
    try Self.fill(store, 0..<100)
    let before = Picture(store)
    for _ in 0..<3 {
      #expect(throws: StoreError.collision) {
        try store.edit(now: 9) { edit throws(StoreError) in
          edit.isReady = true
          try edit.set(relative("new.n5.deep.er"), zone: 0, [addresses([1])])
          for number in 0..<100 {
            try edit.remove(relative("n\(number).deep.er"), zone: 0)
          }
          throw .collision
        }
      }
      #expect(Picture(store) == before)
      #expect(store.read { !$0.isReady })
    }
    // The count of names below `deep` is right: it goes with the last of them, not before.
    for number in 0..<100 {
      #expect(store.read { $0.has("deep.er") })
      try store.edit(now: 5) { edit throws(StoreError) in
        try edit.remove(relative("n\(number).deep.er"), zone: 0)
      }
    }
    #expect(store.contents().isEmpty)
  }

  @Test func `an arena too small for its zones is refused or works`() throws {
    let zones = (0..<20_000).map { domainName("z\($0)") }
    #expect(RecordStore(zones: zones, serial: 1, arenaOctetCount: Self.tinyOctetCount) == nil)
  }
}
