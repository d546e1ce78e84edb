import DNSWire
import RecordStore
import Testing
import TestSupport

/// The SOA serial: moves exactly when an answer does, always upwards (RFC 1982).
@Suite struct SerialTests {
  @Test(
    arguments: [
      (100, 200, 200), (100, 101, 101), (100, 100, 101), (100, 50, 101), (0, 0, 1), (5, 0, 6),
      (0xFFFF_FFFF, 0xFFFF_FFFF, 1), (0xFFFF_FFFE, 0xFFFF_FFFE, 0xFFFF_FFFF), (0xFFFF_FFFE, 5, 5),
      (0xF000_0000, 0, 1), (100, 100 + 0x7FFF_FFFF, 100 + 0x7FFF_FFFF),
      (100, 100 + 0x8000_0000, 101), (100, 100 + 0x8000_0001, 101), (0x8000_0000, 0, 0x8000_0001),
    ] as [(UInt32, UInt32, UInt32)])
  func `an edit moves the serial`(before: UInt32, now: UInt32, after: UInt32) throws {
    let store = try makeStore(serial: before)
    let moved = try store.edit(now: now) { edit throws(StoreError) in
      try edit.set(relative("a"), zone: 0, [addresses([1])])
    }
    #expect(moved)
    #expect(store.serial == after)
    // Ahead in the sense of RFC 1982 §3.2.
    #expect(after &- before > 0 && after &- before < 0x8000_0000)
  }

  @Test func `serials rise over the wrap whatever the clock says`() throws {
    let seed: UInt64 = 1_982
    var generator = SeededGenerator(seed: seed)
    let store = try makeStore(serial: 0xFFFF_FF00)
    var last = store.serial
    for number in 0..<2_000 {
      let now =
        generator.oneIn(2)
        ? last &+ UInt32(generator.number(0...3)) : UInt32.random(in: 0 ... .max, using: &generator)
      try store.edit(now: now) { edit throws(StoreError) in
        try edit.set(relative("a"), zone: 0, [addresses([number])])
      }
      let serial = store.serial
      #expect(serial &- last > 0 && serial &- last < 0x8000_0000, "seed \(seed), \(number)")
      #expect(serial != 0)
      last = serial
    }
  }

  @Test func `equal sets are no edit`() throws {
    // Addresses of a target in any order: families may come mixed.
    let mixed = ServiceTarget(
      name: relative("t"), entries: [.init(weight: 1, port: 2)],
      addresses: [IPAddress(v6High: 1, low: 2), IPAddress(v4: 3), IPAddress(v6High: 4, low: 5)])
    let lists: [[RRset]] = [
      [], [addresses([1, 2])], [addresses6([1])], [addresses([]), addresses6([])],
      [services([target("x", ports: [1, 2], v4: [3], v6: [4]), target("y")])],
      [services([mixed])], [services([mixed], type: .ns)], [services([])],
      [.single(.txt, ttl: 1, data: [0])], [.single(.cname, ttl: 1, data: [0])],
      [RRset(type: .ptr, ttl: 1, data: .whole([[1], [2]], visibleCount: 1))],
      [RRset(type: .ptr, ttl: 1, data: .whole([[1]], visibleCount: 5))],
    ]
    let store = try makeStore()
    for (number, sets) in lists.enumerated() {
      for round in 0..<3 {
        let before = (store.serial, store.usedOctetCount)
        let moved = try store.edit(now: 1) { edit throws(StoreError) in
          try edit.set(relative("a"), zone: 0, sets)
        }
        #expect(moved == (round == 0), "list \(number), round \(round)")
        #expect((store.serial != before.0) == (round == 0))
        if round > 0 { #expect(store.usedOctetCount == before.1) }
      }
    }
  }

  @Test(arguments: [
    [addresses([2, 1])], [addresses([1])], [addresses([1, 2, 3])], [addresses([1, 2], ttl: 6)],
    [addresses([1, 2]), addresses6([1])], [],
  ])
  func `sets that differ at all are an edit`(sets: [RRset]) throws {
    let store = try makeStore()
    for list in [[addresses([1, 2])], sets] {
      let moved = try store.edit(now: 1) { edit throws(StoreError) in
        try edit.set(relative("a"), zone: 0, list)
      }
      #expect(moved)
    }
    #expect(store.contents()[relative("a")] == sets)
  }

  @Test func `what changes nothing moves nothing`() throws {
    let store = try makeStore(serial: 3)
    try store.edit(now: 3) { edit throws(StoreError) in
      try edit.set(relative("a.b"), zone: 0, [addresses([1])])
    }
    let serial = store.serial
    let moved = try store.edit(now: 100) { edit throws(StoreError) in
      try edit.remove(relative("b"), zone: 0)
      try edit.remove(relative("c.d"), zone: 0)
      try edit.set(relative("a.b"), zone: 0, [addresses([1])])
    }
    #expect(!moved)
    #expect(try !store.edit(now: 100) { _ in })
    #expect(store.serial == serial)
  }
}
