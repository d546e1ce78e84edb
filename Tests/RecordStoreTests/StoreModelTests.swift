import DNSWire
import RecordStore
import Testing
import TestSupport

/// Thousands of random edits against a dictionary.
@Suite struct StoreModelTests {
  static let editCount = 2_000
  static let types: [RRType] = [.a, .aaaa, .srv, .ns, .txt, .ptr]

  /// A name from few labels, up to five deep, so that names meet and lie below each other.
  private static func name(_ random: inout SeededGenerator) -> [UInt8] {
    let labels: [[UInt8]] = [[97], [98], [99, 99], Array("kubernetes".utf8), [0, 255], [95]]
    var name: [UInt8] = []
    for _ in 0..<random.number(0...5) {
      let label = labels.randomElement(using: &random) ?? [97]
      name += [UInt8(label.count)] + label
    }
    return name
  }

  private static func sets(_ random: inout SeededGenerator) -> [RRset] {
    let numbers = (0..<random.number(1...4)).map { _ in random.number(0...3) }
    let ttl = UInt32(random.number(0...1))
    return types.filter { _ in random.oneIn(4) }.map { type in
      switch type {
      case .a: addresses(numbers, ttl: ttl)
      case .aaaa: addresses6(numbers, ttl: ttl)
      case .srv, .ns:
        services([target("x", ports: numbers, v4: numbers, v6: numbers)], type: type, ttl: ttl)
      default:
        RRset(
          type: type, ttl: ttl,
          data: .whole(numbers.map { [UInt8]($0.description.utf8) }, visibleCount: 1))
      }
    }
  }

  /// One step of an edit, made on store and model; whether it changed the model.
  private static func step(
    _ edit: inout StoreEdit, _ model: inout ZoneModel, zone: Int, _ random: inout SeededGenerator
  ) throws(StoreError) -> Bool {
    let name = name(&random)
    let before = model.sets[name]
    if random.oneIn(2) {
      let sets = sets(&random)
      try edit.set(name, zone: zone, sets)
      model.sets[name] = sets
    } else {
      try edit.remove(name, zone: zone)
      model.sets[name] = nil
    }
    #expect(edit.sets(name, zone: zone) == model.sets[name] ?? [])
    return model.sets[name] != before
  }

  /// What is wrong with the store; `nil` when it is what the models say.
  private static func fault(
    _ store: RecordStore, _ models: [ZoneModel], _ random: inout SeededGenerator
  ) -> String? {
    for (zone, model) in models.enumerated() {
      let names = model.names
      if store.contents(zone: zone) != names { return "zone \(zone) differs" }
      let snapshot = store.enter(reader: 1)
      defer { store.leave(reader: 1) }
      for (name, sets) in names {
        let types = snapshot.types(name, of: types, zone: zone)
        if types.map({ Set($0) }) != Set(sets.map(\.type)) { return "look-up of \(name)" }
      }
      for _ in 0..<50 {
        let name = name(&random)
        if (snapshot.types(name, of: [], zone: zone) != nil) != (names[name] != nil) {
          return "look-up of \(name), perhaps missing"
        }
      }
    }
    return nil
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `the store is what a dictionary would be`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let store = try makeStore(["z", "y"])
    let empty = store.usedOctetCount
    var models = [ZoneModel(), ZoneModel()]
    var failureCount = 0
    for number in 0..<Self.editCount {
      let serial = store.serial
      var next = models
      var moves = false
      let fails = random.oneIn(10)
      do throws(StoreError) {
        let moved = try store.edit(now: 0) { edit throws(StoreError) in
          for _ in 0..<random.number(1...6) {
            let zone = random.number(0...1)
            moves = try Self.step(&edit, &next[zone], zone: zone, &random) || moves
          }
          if fails { throw .full }
        }
        #expect(moved == moves, "seed \(seed), edit \(number)")
        #expect((store.serial != serial) == moves, "seed \(seed), edit \(number)")
        models = next
      } catch {
        failureCount += 1
        #expect(store.serial == serial)
      }
      if number % 25 == 0 || fails && random.oneIn(4),
        let fault = Self.fault(store, models, &random)
      {
        Issue.record("seed \(seed), edit \(number): \(fault)")
        return
      }
    }
    #expect(failureCount > Self.editCount / 20)
    try store.edit(now: 0) { edit throws(StoreError) in
      for (zone, model) in models.enumerated() {
        for name in model.sets.keys { try edit.remove(name, zone: zone) }
      }
    }
    #expect(store.contents().isEmpty && store.contents(zone: 1).isEmpty)
    #expect(store.usedOctetCount == empty)
  }

  @Test func `many names are found, and no others`() throws {
    let store = try makeStore()
    let count = 21_000
    for start in stride(from: 0, to: count, by: 7_000) {
      try store.edit(now: 0) { edit throws(StoreError) in
        for number in start..<(start + 7_000) {
          try edit.set(relative("n\(number)"), zone: 0, [addresses([number], ttl: UInt32(number))])
        }
      }
    }
    store.read { snapshot in
      for number in 0..<count {
        let set = snapshot.find(relative("n\(number)"))?.set(.a)
        if set?.ttl != UInt32(number) { Issue.record("n\(number) is lost") }
        if snapshot.has("m\(number)") { Issue.record("m\(number) came from nowhere") }
      }
    }
    #expect(store.contents().count == count + 1)
    try store.edit(now: 0) { edit throws(StoreError) in
      for number in 0..<count where number % 3 != 0 {
        try edit.remove(relative("n\(number)"), zone: 0)
      }
    }
    #expect(store.contents().count == count / 3 + 1)
    store.read { snapshot in
      for number in 0..<count where snapshot.has("n\(number)") != (number % 3 == 0) {
        Issue.record("n\(number)")
      }
    }
  }
}
