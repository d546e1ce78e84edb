import Cluster
import DNSWire
import Testing

/// Packed objects and records against dictionaries that share no code with them.
@Suite struct PackedModelTests {
  private static let sequenceCount: UInt64 = 150
  private static let roundCount = 15

  /// The lines that a plain cluster has, too.
  private static func lines(_ world: RecordWorld) -> Set<String> {
    Set(
      world.lines.compactMap { line in
        let words = line.split(separator: " ")
        guard words.count > 1, words[1] != "CNAME" else { return nil }
        return words[1] == "SRV" && words.count == 6
          ? "\(words[0]) SRV \(words[4]) \(words[5])" : line
      })
  }

  @Test func `changes come to what dictionaries of the objects come to`() throws {
    for seed in 0..<Self.sequenceCount {
      let world = try RecordWorld()
      var cluster = RandomCluster(seed: seed)
      for round in 0..<Self.roundCount {
        try world.apply(cluster.round())
        let plain = PlainCluster(cluster.objects.values).lines
        let lines = Self.lines(world)
        guard lines == plain else {
          Issue.record(
            """
            seed \(seed), round \(round): too much \(lines.subtracting(plain).sorted()), \
            missing \(plain.subtracting(lines).sorted())
            """)
          return
        }
      }
      // A relist of what is there is no edit.
      let serial = world.serial
      guard try !world.apply(cluster.wholeRound()), world.serial == serial else {
        Issue.record("seed \(seed): equal objects moved the serial")
        return
      }
    }
  }
}
