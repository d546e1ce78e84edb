import Cluster
import DNSWire
import Testing
import TestSupport

@Suite struct ManifestPrecedenceTests {
  private static func address(_ round: ManifestRound) -> String? {
    round.service?.clusterIPs.first?.description
  }

  @Test func `of two files the last one wins, with one warning`() {
    var state = ManifestState()
    let round = state.apply([
      ManifestPath(source: 0, path: "b.yaml"): .octets(
        Array(Fixture.service("x", ip: "10.0.0.2").utf8)),
      ManifestPath(source: 0, path: "a.yaml"): .octets(
        Array(Fixture.service("x", ip: "10.0.0.1").utf8)),
    ])
    #expect(Self.address(round) == "10.0.0.2")
    #expect(
      round.problems.map(\.description) == [
        "b.yaml: Service shop/x: the object is also in a.yaml; this file is later in order and wins"
      ])
    #expect(state.put(Fixture.service("x", ip: "10.0.0.2") + "#", at: "b.yaml") == ManifestRound())
  }

  @Test func `the order of the configured paths comes first`() {
    var state = ManifestState()
    let round = state.apply([
      ManifestPath(source: 1, path: "a.yaml"): .octets(
        Array(Fixture.service("x", ip: "10.0.0.2").utf8)),
      ManifestPath(source: 0, path: "b.yaml"): .octets(
        Array(Fixture.service("x", ip: "10.0.0.1").utf8)),
    ])
    #expect(Self.address(round) == "10.0.0.2")
  }

  @Test func `an earlier file changes nothing until the last one lets go`() {
    var state = ManifestState()
    _ = state.put(Fixture.service("x", ip: "10.0.0.2"), at: "b.yaml")
    #expect(state.put(Fixture.service("x", ip: "10.0.0.1"), at: "a.yaml").changes == [])
    let round = state.put(Fixture.emptyList, at: "b.yaml")
    #expect(Self.address(round) == "10.0.0.1")
    #expect(round.problems == [])
    #expect(state.put(Fixture.emptyList, at: "a.yaml").story == ["-Service shop/x"])
  }

  @Test func `a later file takes over and gives back`() {
    var state = ManifestState()
    _ = state.put(Fixture.service("x", ip: "10.0.0.1"), at: "a.yaml")
    #expect(
      Self.address(state.put(Fixture.service("x", ip: "10.0.0.2"), at: "b.yaml")) == "10.0.0.2")
    #expect(Self.address(state.put(Fixture.emptyList, at: "b.yaml")) == "10.0.0.1")
  }

  @Test(arguments: ["", "a: [", "---\n"])
  func `what a broken file holds loses against a live one`(text: String) {
    var state = ManifestState()
    _ = state.put(Fixture.service("x", ip: "10.0.0.2"), at: "b.yaml")
    _ = state.put(Fixture.service("x", ip: "10.0.0.1"), at: "a.yaml")
    #expect(Self.address(state.put(text, at: "b.yaml")) == "10.0.0.1")
    #expect(
      Self.address(state.put(Fixture.service("x", ip: "10.0.0.2"), at: "b.yaml")) == "10.0.0.2")
  }

  @Test func `a deleted file holds what no other names, and gives up the rest for good`() {
    var state = ManifestState()
    _ = state.put(
      Fixture.documents(Fixture.service("x", ip: "10.0.0.2"), Fixture.service("y")), at: "b.yaml")
    _ = state.put(Fixture.service("x", ip: "10.0.0.1"), at: "a.yaml")
    let gone = state.remove("b.yaml")
    #expect(Self.address(gone) == "10.0.0.1")
    #expect(gone.problems.map(\.message.isEmpty) == [false])
    #expect(gone.problems.first?.message.hasPrefix("the file is gone; its object stays") == true)
    #expect(state.put(Fixture.emptyList, at: "a.yaml").story == ["-Service shop/x"])
    #expect(state.objectCount == 1)
  }

  @Test func `a file that is renamed is the same objects and no warning`() {
    var state = ManifestState()
    let octets = Array(Fixture.everyKind.utf8)
    _ = state.put(octets, at: "a.yaml")
    let round = state.apply([
      ManifestPath(source: 0, path: "a.yaml"): .missing,
      ManifestPath(source: 0, path: "b.yaml"): .octets(octets),
    ])
    #expect(round == ManifestRound())
    #expect(state.paths.map(\.path) == ["b.yaml"])
    #expect(state.put(Fixture.emptyList, at: "b.yaml").changes.count == 4)
  }

  @Test func `what a deleted file holds ends when a live file takes it over`() {
    var state = ManifestState()
    _ = state.put(Fixture.service("x"), at: "a.yaml")
    #expect(state.remove("a.yaml").changes == [])
    #expect(state.put(Fixture.service("x"), at: "b.yaml") == ManifestRound())
    #expect(state.paths.map(\.path) == ["b.yaml"])
    #expect(state.put(Fixture.emptyList, at: "b.yaml").story == ["-Service shop/x"])
  }

  @Test func `a deleted file that comes back is what it says`() {
    var state = ManifestState()
    let both = Fixture.documents(Fixture.service("x"), Fixture.service("y"))
    _ = state.put(both, at: "a.yaml")
    _ = state.remove("a.yaml")
    #expect(state.put(both, at: "a.yaml") == ManifestRound())
    #expect(state.put(Fixture.service("y"), at: "a.yaml").story == ["-Service shop/x"])
  }

  /// Whatever happens to three files, the rounds add up to what the state says it stands for, and
  /// objects leave only by a well-formed file.
  @Test(arguments: 0..<20)
  func `rounds add up`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var state = ManifestState()
    var told: [ObjectID: ClusterObject] = [:]
    for _ in 0..<100 {
      var inputs: [ManifestPath: ManifestInput] = [:]
      for path in ["a.yaml", "b.yaml", "c.yaml"] where random.next() % 2 == 0 {
        let names = ["x", "y", "z"].filter { _ in random.next() % 2 == 0 }
        let texts = names.map { Fixture.service($0, ip: "10.0.0.\(random.next() % 4)") }
        let text = texts.isEmpty ? Fixture.emptyList : texts.joined(separator: "---\n")
        let octets = Array(text.utf8)
        inputs[ManifestPath(source: 0, path: path)] =
          switch random.next() % 6 {
          case 0: .missing
          case 1: .unreadable("no")
          case 2: .octets(Array(octets.prefix(Int(random.next() % 60))))
          default: .octets(octets)
          }
      }
      let round = state.apply(inputs)
      for change in round.changes {
        switch change {
        case .set(let object):
          #expect(told.updateValue(object, forKey: object.id) != object)
        case .delete(let kind, let key):
          #expect(told.removeValue(forKey: ObjectID(kind: kind, key: key)) != nil)
        }
      }
      #expect(told.count == state.objectCount)
    }
  }
}
