import DNSWire
import RecordStore
import Testing
import TestSupport

/// What readers hold stays as it was; what nobody holds is used again.
@Suite struct SnapshotTests {
  private static func replaceAll(_ store: RecordStore, round: Int, count: Int) throws(StoreError) {
    try store.edit(now: 5) { edit throws(StoreError) in
      for number in 0..<count {
        let size = 1 + (number + round) % 5
        try edit.set(
          relative("n\(number).ns\(number % 7).svc"), zone: 0,
          [addresses((0..<size).map { round << 8 + $0 })])
      }
    }
  }

  @Test func `a snapshot stays what it was while edits go on`() throws {
    let store = try makeStore()
    try Self.replaceAll(store, round: 0, count: 200)
    let snapshot = store.enter(reader: 3)
    let (contents, serial) = (snapshot.contents(), snapshot.serial)
    let before = store.usedOctetCount
    for round in 1...30 {
      try Self.replaceAll(store, round: round, count: 200)
      store.reclaim()
      #expect(snapshot.contents() == contents, "round \(round)")
      #expect(snapshot.serial == serial)
    }
    // Nothing was freed while the reader held on.
    let held = store.usedOctetCount
    #expect(held > before * 10)
    store.leave(reader: 3)
    store.reclaim()
    #expect(store.usedOctetCount < before * 2)
    #expect(store.contents() != contents)
  }

  @Test func `each of many readers holds its own snapshot`() throws {
    let store = try makeStore()
    var held: [(reader: Int, snapshot: Snapshot, contents: [[UInt8]: [RRset]])] = []
    var generator = SeededGenerator(seed: 11)
    for round in 0..<300 {
      try Self.replaceAll(store, round: round, count: 1 + round % 20)
      for reader in 0..<Quiescence.readerCountMax where generator.oneIn(40) {
        if let index = held.firstIndex(where: { $0.reader == reader }) {
          store.leave(reader: reader)
          held.remove(at: index)
        } else {
          let snapshot = store.enter(reader: reader)
          held.append((reader, snapshot, snapshot.contents()))
        }
      }
      for entry in held where generator.oneIn(4) {
        #expect(entry.snapshot.contents() == entry.contents, "round \(round)")
      }
    }
    #expect(!held.isEmpty)
  }

  @Test func `replacing everything over and over takes no more memory`() throws {
    let store = try makeStore()
    var counts: [Int] = []
    for round in 0..<200 {
      // Sizes repeat every five rounds.
      try Self.replaceAll(store, round: round, count: 100)
      store.reclaim()
      counts.append(store.usedOctetCount)
    }
    let (first, last) = (counts[5..<10], counts[195..<200])
    #expect(Array(first) == Array(last))
  }

  @Test func `the arena's own end is not reached by churn`() throws {
    // A quarter MiB would hold a handful of rounds, were nothing used again.
    let store = try makeStore(arenaOctetCount: 1 << 18)
    for round in 0..<200 { try Self.replaceAll(store, round: round, count: 200) }
    #expect(store.contents().count == 200 + 7 + 2)
  }

  @Test func `all is given back when all is removed`() throws {
    let store = try makeStore()
    let empty = store.usedOctetCount
    try Self.replaceAll(store, round: 1, count: 500)
    try store.edit(now: 5) { edit throws(StoreError) in
      for number in 0..<500 {
        try edit.remove(relative("n\(number).ns\(number % 7).svc"), zone: 0)
      }
    }
    #expect(store.contents().isEmpty)
    #expect(store.usedOctetCount == empty)
  }

  @Test func `names of one snapshot have identities of their own`() throws {
    let store = try makeStore()
    try Self.replaceAll(store, round: 1, count: 50)
    store.read { snapshot in
      let names = Array(snapshot.contents().keys)
      let identities = names.compactMap { snapshot.find($0)?.identity }
      #expect(identities.count == names.count)
      #expect(Set(identities).count == names.count)
    }
  }
}
