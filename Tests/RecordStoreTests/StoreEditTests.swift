import DNSWire
import RecordStore
import Testing

/// Edits one by one: sets, removals, empty non-terminals, readiness.
@Suite struct StoreEditTests {
  @Test func `an empty store has no names and is not ready`() throws {
    let store = try makeStore(["z", "0.10.in-addr.arpa"], serial: 7)
    #expect(store.serial == 7)
    #expect(store.contents().isEmpty)
    #expect(store.contents(zone: 1).isEmpty)
    store.read { snapshot in
      #expect(!snapshot.isReady)
      #expect(!snapshot.has("."))
      #expect(!snapshot.has("a"))
    }
  }

  @Test func `a name holds the sets it was given`() throws {
    let store = try makeStore()
    let sets = [
      addresses([1, 2, 3]), addresses6([1, 2]), .single(.txt, ttl: 9, data: [1, 97]),
      services([target("x.y", ports: [1, 2], v4: [7, 8], v6: [9]), target("q", ports: [3])]),
      RRset(type: .ptr, ttl: 0, data: .whole([[1], [], [2, 3]], visibleCount: 2)),
      RRset(type: RRType(rawValue: 65_280), ttl: .max, data: .whole([[]], visibleCount: 1)),
    ]
    let moved = try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("a"), zone: 0, sets)
      #expect(edit.sets(relative("a"), zone: 0) == sets)
      #expect(edit.sets(relative("b"), zone: 0).isEmpty)
    }
    #expect(moved)
    #expect(store.contents() == [relative("a"): sets, []: []])
    store.read { snapshot in
      let found = snapshot.types(relative("a"), of: [.a, .aaaa, .txt, .srv, .ptr, .mx, .ns])
      #expect(found == [.a, .aaaa, .txt, .srv, .ptr])
      let name = snapshot.find(relative("a"))
      #expect(name?.set(.a)?.count == 3)
      #expect(name?.set(.a)?.ttl == 5)
      #expect(name?.set(.srv)?.count == 3)
      #expect(name?.set(.ptr)?.count == 2)
      #expect(name?.smallestSet()?.type == RRType(rawValue: 65_280))
    }
  }

  @Test func `the first of the smallest sets stands for ANY`() throws {
    let store = try makeStore()
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("a"), zone: 0, [addresses6([1]), addresses([1]), addresses([2])])
      try edit.set(relative("b"), zone: 0, [])
    }
    store.read { snapshot in
      #expect(snapshot.find(relative("a"))?.smallestSet()?.type == .a)
      let empty = snapshot.find(relative("b"))
      #expect(empty != nil)
      #expect(empty?.smallestSet() == nil)
    }
  }

  @Test func `the apex is found by the empty name, however it is spelled`() throws {
    let store = try makeStore()
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set([], zone: 0, [addresses([1])])
      // Others, so that the look-up goes through nodes.
      for number in 0..<100 { try edit.set(relative("n\(number)"), zone: 0, [addresses([2])]) }
    }
    let empty: [UInt8] = []
    let full: [UInt8] = [1, 97]
    store.read { snapshot in
      #expect(snapshot.find(empty) != nil)
      #expect(snapshot.find(full.span.extracting(1..<1), zone: 0) != nil)
      #expect(snapshot.find(Span<UInt8>(), zone: 0) != nil)
    }
  }

  @Test func `zones are apart`() throws {
    let store = try makeStore(["z", "y", "x"])
    try store.edit(now: 5) { edit throws(StoreError) in
      for zone in 0..<3 { try edit.set(relative("a"), zone: zone, [addresses([zone])]) }
      try edit.remove(relative("a"), zone: 1)
    }
    #expect(store.contents(zone: 0)[relative("a")] == [addresses([0])])
    #expect(store.contents(zone: 1).isEmpty)
    #expect(store.contents(zone: 2)[relative("a")] == [addresses([2])])
  }

  @Test func `a zone or name that cannot be is ignored`() throws {
    let store = try makeStore()
    let tooLong = Array(repeating: [1, 97] as [UInt8], count: 128).flatMap { $0 }
    let moved = try store.edit(now: 5) { edit throws(StoreError) in
      for zone in [-1, 1, Int.max] {
        try edit.set(relative("a"), zone: zone, [addresses([1])])
        try edit.remove(relative("a"), zone: zone)
        #expect(edit.sets(relative("a"), zone: zone).isEmpty)
      }
      try edit.set(tooLong, zone: 0, [addresses([1])])
      try edit.remove(tooLong, zone: 0)
      try edit.remove(relative("missing.name"), zone: 0)
    }
    #expect(!moved)
    #expect(store.contents().isEmpty)
  }

  @Test func `the deepest name there can be comes and goes`() throws {
    let store = try makeStore()
    let deep = Array(repeating: [1, 97] as [UInt8], count: 126).flatMap { $0 }
    let before = store.usedOctetCount
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(deep, zone: 0, [addresses([1])])
    }
    #expect(store.contents().count == 127)
    try store.edit(now: 5) { edit throws(StoreError) in try edit.remove(deep, zone: 0) }
    #expect(store.contents().isEmpty)
    #expect(store.usedOctetCount == before)
  }

  // MARK: - Empty non-terminals (RFC 8020, RFC 4592 §2.2.2)

  @Test func `names above come and go with those below`() throws {
    let store = try makeStore()
    func edit(_ body: (inout StoreEdit) throws(StoreError) -> Void) throws -> Set<String> {
      try store.edit(now: 5, body)
      let all = ["a.b.c", "x.b.c", "b.c", "c", "."]
      return store.read { snapshot in Set(all.filter { snapshot.has($0) }) }
    }
    #expect(
      try edit { edit throws(StoreError) in
        try edit.set(relative("a.b.c"), zone: 0, [addresses([1])])
      } == ["a.b.c", "b.c", "c", "."])
    #expect(
      try edit { edit throws(StoreError) in
        try edit.set(relative("x.b.c"), zone: 0, [addresses([1])])
        try edit.remove(relative("a.b.c"), zone: 0)
      } == ["x.b.c", "b.c", "c", "."])
    #expect(
      try edit { edit throws(StoreError) in try edit.remove(relative("b.c"), zone: 0) }
        == ["x.b.c", "b.c", "c", "."])
    #expect(
      try edit { edit throws(StoreError) in
        try edit.set(relative("c"), zone: 0, [addresses([1])])
        try edit.remove(relative("x.b.c"), zone: 0)
      } == ["c", "."])
    #expect(
      try edit { edit throws(StoreError) in try edit.remove(relative("c"), zone: 0) } == [])
  }

  @Test func `a declared name stays without anything below`() throws {
    let store = try makeStore()
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("svc"), zone: 0, [])
      try edit.set(relative("a.svc"), zone: 0, [addresses([1])])
      try edit.remove(relative("a.svc"), zone: 0)
    }
    #expect(store.contents() == [relative("svc"): [], []: []])
    let moved = try store.edit(now: 5) { edit throws(StoreError) in
      try edit.remove(relative("svc"), zone: 0)
    }
    #expect(moved)
    #expect(store.contents().isEmpty)
  }

  @Test func `a declared name with names below stays until both are gone`() throws {
    let store = try makeStore()
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("a.svc"), zone: 0, [addresses([1])])
      try edit.set(relative("svc"), zone: 0, [])
      try edit.remove(relative("svc"), zone: 0)
    }
    #expect(store.contents().count == 3)
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.remove(relative("a.svc"), zone: 0)
    }
    #expect(store.contents().isEmpty)
  }

  @Test func `taking a name's sets leaves what is below`() throws {
    let store = try makeStore()
    try store.edit(now: 5) { edit throws(StoreError) in
      try edit.set(relative("b"), zone: 0, [addresses([1])])
      try edit.set(relative("a.b"), zone: 0, [addresses([2])])
      try edit.remove(relative("b"), zone: 0)
    }
    #expect(
      store.contents() == [relative("a.b"): [addresses([2])], relative("b"): [], []: []])
  }

  // MARK: - Readiness

  @Test func `readiness is published and moves no serial`() throws {
    let store = try makeStore(serial: 9)
    for isReady in [true, true, false] {
      let moved = try store.edit(now: 50) { $0.isReady = isReady }
      #expect(!moved)
      #expect(store.read { $0.isReady } == isReady)
      #expect(store.serial == 9)
    }
  }
}
