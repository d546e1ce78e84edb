import Server
import TestSupport
import Testing

/// Sketches against exact counts.
@Suite struct SpaceSavingTests {
  private func key(_ number: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: number >> 16), UInt8(truncatingIfNeeded: number >> 8)]
      + [UInt8(truncatingIfNeeded: number)]
  }

  private func sketch(_ capacity: Int = 64) -> SpaceSaving {
    SpaceSaving(capacity: capacity, keyOctetCountMax: 8, seed: 42)
  }

  /// A stream where number `n` comes about as often as `1/n`, the worst it can be for a sketch
  /// among what traffic looks like.
  private func stream(_ count: Int, distinct: Int, seed: UInt64) -> [Int] {
    var generator = SeededGenerator(seed: seed)
    let weights = (1...distinct).map { 1 / Double($0) }
    let sums = weights.reduce(into: [0.0]) { $0.append(($0.last ?? 0) + $1) }
    let whole = sums.last ?? 1
    return (0..<count).map { _ in
      let place = Double.random(in: 0..<whole, using: &generator)
      var (low, high) = (0, distinct)
      while low + 1 < high {
        let middle = (low + high) / 2
        if sums[middle] <= place { low = middle } else { high = middle }
      }
      return low
    }
  }

  private func exact(_ numbers: some Sequence<Int>) -> [[UInt8]: UInt64] {
    numbers.reduce(into: [:]) { $0[key($1), default: 0] += 1 }
  }

  @Test func `few keys are counted exactly`() {
    var sketch = sketch()
    let numbers = stream(5_000, distinct: 64, seed: 1)
    for number in numbers { sketch.add(key(number).span) }
    let counts = exact(numbers)
    #expect(sketch.entries.count == counts.count)
    for entry in sketch.entries {
      #expect(entry.error == 0)
      #expect(entry.count == counts[entry.key])
    }
    #expect(sketch.total == 5_000)
  }

  @Test(arguments: [(64, 2_000), (64, 100_000), (256, 50_000), (1, 300), (3, 50)] as [(Int, Int)])
  func `counts are never too low, and too high by their error at most`(
    capacity: Int, distinct: Int
  ) {
    for seed in 1...4 as ClosedRange<UInt64> {
      var sketch = sketch(capacity)
      let numbers = stream(30_000, distinct: distinct, seed: seed)
      for number in numbers { sketch.add(key(number).span) }
      let counts = exact(numbers)
      #expect(sketch.entries.count == capacity)
      for entry in sketch.entries {
        let count = counts[entry.key] ?? 0
        #expect(entry.count >= count && entry.count - entry.error <= count)
      }
      let kept = Set(sketch.entries.map(\.key))
      let lost = counts.filter { !kept.contains($0.key) }.map(\.value).max() ?? 0
      #expect(lost <= sketch.floor)
      // Every added key raised exactly one count: so the bound of the error follows.
      #expect(sketch.entries.reduce(0) { $0 + $1.count } == 30_000)
      #expect(sketch.floor <= UInt64(30_000 / capacity))
    }
  }

  @Test func `the sum of sketches bounds the sum of streams`() {
    let streams = (1...3).map { stream(8_000, distinct: 5_000, seed: UInt64($0)) }
    let readings = streams.map { numbers in
      var sketch = sketch()
      for number in numbers { sketch.add(key(number).span) }
      return SketchReading(sketch)
    }
    let sum = SketchReading(sumOf: readings)
    let counts = exact(streams.joined())
    for entry in sum.entries {
      let count = counts[entry.key] ?? 0
      #expect(entry.count >= count && entry.count - entry.error <= count)
    }
    let kept = Set(sum.entries.map(\.key))
    #expect(counts.allSatisfy { kept.contains($0.key) || $0.value <= sum.floor })
    #expect(sum.total == 24_000)
    #expect(sum.entries.first?.key == key(0), "the most frequent comes first")
    #expect(zip(sum.entries, sum.entries.dropFirst()).allSatisfy { $0.count >= $1.count })
  }

  @Test func `keys differ by their last octet, and by their length`() {
    var sketch = sketch()
    let keys: [[UInt8]] = [[], [0], [0, 0], [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 9]]
    for (times, key) in keys.enumerated() {
      for _ in 0...times { sketch.add(key.span) }
    }
    let found = Dictionary(uniqueKeysWithValues: sketch.entries.map { ($0.key, $0.count) })
    #expect(found == Dictionary(uniqueKeysWithValues: zip(keys, [1, 2, 3, 4, 5])))
    // What is longer than a key may be is cut.
    sketch.add([1, 2, 3, 4, 5, 6, 7, 8, 9].span)
    #expect(sketch.entries.count == 5)
  }

  @Test func `nothing is left of what was forgotten`() {
    var sketch = sketch(4)
    for number in stream(1_000, distinct: 100, seed: 3) { sketch.add(key(number).span) }
    sketch.removeAll()
    #expect(sketch.entries.isEmpty && sketch.total == 0 && sketch.floor == 0)
    for number in 0..<4 { sketch.add(key(number).span) }
    #expect(sketch.entries.allSatisfy { $0.count == 1 && $0.error == 0 })
  }
}
