import Cluster
import DNSWire
import RecordStore
import Testing

/// The property behind incremental edits: whatever the changes were and however they came, the
/// store holds what it would hold had the final objects come at once; and the serial moves exactly
/// when the contents do.
@Suite struct RecordSequenceTests {
  /// A name for failures, and what differs from the default options.
  struct OptionSet: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let options: RecordOptions

    init(_ name: String, _ adjust: (inout RecordOptions) -> Void) {
      testDescription = name
      var options = RecordOptions()
      options.primaryZone = DomainName(text: "cluster.local.") ?? .root
      options.reverseZones = ["in-addr.arpa.", "ip6.arpa."].compactMap { DomainName(text: $0) }
      adjust(&options)
      self.options = options
    }
  }

  static let optionSets: [OptionSet] = [
    OptionSet("defaults") { _ in },
    OptionSet("verified pods, own address") {
      $0.pods = .verified
      $0.serverAddresses = ObjectText.addresses("10.0.0.1 fd00::1")
    },
    OptionSet("pod names, namespace labels, insecure pods") {
      $0.usesEndpointPodNames = true
      $0.pods = .insecure
      $0.namespaceSelector = try? LabelSelector(parsing: "app=x")
    },
    OptionSet("labels, empty Services ignored, narrow reverse zones") {
      $0.selector = try? LabelSelector(parsing: "app")
      $0.ignoresEmptyServices = true
      $0.reverseZones = ["0.10.in-addr.arpa.", "10.in-addr.arpa.", "d.f.ip6.arpa."]
        .compactMap { DomainName(text: $0) }
    },
    OptionSet("no endpoints, two namespaces, verified pods") {
      $0.ignoresEndpoints = true
      $0.namespaces = ["a", "c"]
      $0.pods = .verified
    },
    OptionSet("insecure pods, everything implied or not") { $0.pods = .insecure },
  ]

  /// Sequences for each option set, and rounds in each.
  private static let sequenceCount: UInt64 = 400
  private static let roundCount = 12

  @Test(arguments: optionSets)
  func `changes one after another come to what the final objects come to`(set: OptionSet) throws {
    for seed in 0..<Self.sequenceCount {
      guard try run(set, seed: seed) else { return }
    }
  }

  /// One sequence; `false` when it failed, which is recorded with its seed.
  private func run(_ set: OptionSet, seed: UInt64) throws -> Bool {
    let world = try RecordWorld(options: set.options)
    var cluster = RandomCluster(seed: seed)
    try world.apply([])
    var before = (contents: world.contents, serial: world.serial)
    for round in 0..<Self.roundCount {
      let changes = cluster.round()
      let moved = try world.apply(changes)
      let after = (contents: world.contents, serial: world.serial)
      let differ = before.contents != after.contents
      guard moved == differ, (before.serial != after.serial) == differ else {
        let what = differ ? "the contents moved and the serial did not" : "only the serial moved"
        Issue.record("seed \(seed), round \(round): \(what): \(changes)")
        return false
      }
      before = after
      // The whole picture at the end, and now and then on the way.
      guard round == Self.roundCount - 1 || cluster.draw(4) == 0 else { continue }
      let fresh = try RecordWorld(options: set.options)
      try fresh.apply(cluster.wholeRound())
      if let difference = Self.difference(after.contents, fresh.contents) {
        Issue.record("seed \(seed), round \(round): \(difference) after \(changes)")
        return false
      }
    }
    return true
  }

  /// The first name that differs, in words; `nil` when the contents are equal.
  private static func difference(
    _ incremental: [[[UInt8]: [RRset]]], _ fresh: [[[UInt8]: [RRset]]]
  ) -> String? {
    if incremental == fresh { return nil }
    for (zone, (left, right)) in zip(incremental, fresh).enumerated() {
      for name in Set(left.keys).union(right.keys) where left[name] != right[name] {
        let text = DomainName(wire: name + [0])?.description ?? "\(name)"
        func shown(_ sets: [RRset]?) -> String { sets.map { "\($0)" } ?? "no such name" }
        return "zone \(zone), \(text): is \(shown(left[name])), should be \(shown(right[name]))"
      }
    }
    return "another number of zones"
  }

  @Test func `the universe is as varied as it should be`() {
    var kinds: [ObjectKind: Set<ObjectKey>] = [:]
    for seed in 0..<20 {
      var cluster = RandomCluster(seed: UInt64(seed))
      for _ in 0..<50 { _ = cluster.round() }
      for id in cluster.objects.keys { kinds[id.kind, default: []].insert(id.key) }
    }
    #expect(
      ObjectKind.allCases.map { kinds[$0]?.count ?? 0 } == [6, 10, 3, 6, 0],
      "Services, slices, namespaces, pods, no imports")
  }
}
