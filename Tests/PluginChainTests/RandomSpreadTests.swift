import PluginChain
import Testing

/// The generator that spreads load: even, different in every worker, never stuck.
@Suite struct RandomSpreadTests {
  private func numbers(_ count: Int, seed: UInt64) -> [UInt32] {
    var bench = ExchangeBench(seed: seed)
    return (0..<count).map { _ in bench.exchange.nextRandom() }
  }

  @Test(arguments: [0, 1, 2, 0xFFFF_FFFF, UInt64.max, 0x1234_5678_9ABC_DEF0])
  func `every remainder comes about equally often`(seed: UInt64) {
    let drawCount = 12_000
    let drawn = numbers(drawCount, seed: seed)
    for divisor in [2, 3, 5, 15, 16] {
      var counts = [Int](repeating: 0, count: divisor)
      for number in drawn { counts[Int(number) % divisor] += 1 }
      // Eight standard deviations: a fair generator is never so far off.
      let fair = Double(drawCount) / Double(divisor)
      let tolerance = 8 * fair.squareRoot()
      #expect(counts.allSatisfy { abs(Double($0) - fair) < tolerance }, "by \(divisor): \(counts)")
    }
  }

  @Test func `numbers do not repeat`() {
    #expect(Set(numbers(10_000, seed: 3)).count > 9_990)
    #expect(Set(numbers(100, seed: 0)).count == 100)
  }

  @Test func `the same seed gives the same numbers, another seed others`() {
    #expect(numbers(20, seed: 5) == numbers(20, seed: 5))
    #expect(numbers(20, seed: 5) != numbers(20, seed: 7))
  }

  @Test func `the exchange that stays after parking draws other numbers`() {
    var bench = ExchangeBench(seed: 11)
    var parked = bench.exchange.replacedByFresh()
    let left = (0..<20).map { _ in bench.exchange.nextRandom() }
    let right = (0..<20).map { _ in parked.nextRandom() }
    #expect(Set(left).isDisjoint(with: right))
  }
}
