import Cluster
import TestSupport
import Testing

/// What is written is what is read, or nothing is.
@Suite struct SavedFormTests {
  private func load(_ octets: [UInt8], terms: String = "pods verified") -> SavedObjectsProblem? {
    do throws(SavedObjectsProblem) {
      _ = try SavedObjects(octets, terms: terms)
      return nil
    } catch {
      return error
    }
  }

  private func saved() throws -> [UInt8] {
    let world = try SavedWorld()
    try world.file.save(SavedWorld.records(SavedWorld.objects()).records, time: 1_700_000_000)
    return try world.octets()
  }

  @Test func `every kind of object comes back as it was`() throws {
    let world = try SavedWorld()
    let old = try SavedWorld.records(SavedWorld.objects())
    try world.file.save(old.records, time: 1_700_000_000)
    let saved = try world.file.read()
    #expect(saved.time == 1_700_000_000)
    // Namespaces are in both models.
    #expect(saved.objectCount == UInt64(SavedWorld.objects().count + 2))
    let new = try SavedWorld.records()
    try new.records.load(saved)
    for kind in ObjectKind.allCases {
      #expect(Set(new.records.keys(of: kind)) == Set(old.records.keys(of: kind)), "\(kind)")
      #expect(new.records.octetCount(of: kind) == old.records.octetCount(of: kind), "\(kind)")
      #expect(new.records.octetCount(of: kind) > 0)
    }
    let id = ObjectID(kind: .serviceImport, key: ObjectText.objectKey("shop/web"))
    #expect(new.records.uid(of: id) == ObjectUID(text: "import"))
    #expect(new.contents == [[:], [:], [:], [:]], "objects are only kept")
    #expect(try new.records.declareStale(now: 1))
    #expect(new.contents == old.contents && !new.lines.isEmpty)
  }

  @Test(arguments: 0..<20) func `random clusters come back as they were`(seed: UInt64) throws {
    let world = try SavedWorld()
    var cluster = RandomCluster(seed: seed)
    let old = try SavedWorld.records([])
    for _ in 0..<20 { try old.apply(cluster.round()) }
    try world.file.save(old.records, time: 1)
    let new = try SavedWorld.records()
    try new.records.load(try world.file.read())
    #expect(try new.records.declareStale(now: 1))
    #expect(new.contents == old.contents)
    for kind in ObjectKind.allCases {
      #expect(new.records.octetCount(of: kind) == old.records.octetCount(of: kind), "\(kind)")
    }
  }

  @Test func `no octet may differ, none may be missing, and none may follow`() throws {
    let octets = try saved()
    #expect(load(octets) == nil)
    for index in octets.indices {
      for change: UInt8 in [1, 0xFF] {
        var damaged = octets
        damaged[index] ^= change
        #expect(load(damaged) != nil, "octet \(index) of \(octets.count)")
      }
      #expect(load(Array(octets[..<index])) != nil, "cut at \(index)")
    }
    #expect(load(octets + [0]) == .damaged)
    #expect(load(octets + octets) == .damaged)
  }

  @Test func `each refusal has its reason`() throws {
    let octets = try saved()
    #expect(load(octets, terms: "pods disabled") == .terms)
    #expect(load(Array("apiVersion: v1\nkind: List\n".utf8)) == .foreign)
    #expect(load([]) == .foreign)
    var other = octets
    other[8] = 2
    #expect(load(other) == .version)
    #expect(load(octets.dropLast()) == .damaged)
    let world = try SavedWorld()
    #expect(throws: SavedObjectsProblem.missing) { try world.file.read() }
    let folder = SavedObjectsFile(path: world.folder.path, terms: "")
    #expect(throws: SavedObjectsProblem.unreadable("it is no regular file")) { try folder.read() }
  }

  @Test func `octets by chance are refused`() throws {
    var generator = SeededGenerator(seed: 7)
    let octets = try saved()
    for _ in 0..<500 {
      var damaged = octets
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let index = Int.random(in: 0..<damaged.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: damaged[index] = damaged[index] &+ .random(in: 1...255, using: &generator)
        case 1: damaged.remove(at: index)
        default: damaged.insert(.random(in: 0...255, using: &generator), at: index)
        }
      }
      if damaged != octets { #expect(load(damaged) != nil) }
    }
  }

  private func load(_ octets: ArraySlice<UInt8>) -> SavedObjectsProblem? { load(Array(octets)) }
}
