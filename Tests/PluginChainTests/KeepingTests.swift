import PluginChain
import Testing

/// The two parts of the way up, ways in from the middle, and replies before the wait is over.
@Suite struct KeepingTests {
  /// A chain, the height of the one that answered, and who sees the reply in which part.
  struct Row: CustomTestStringConvertible, Sendable {
    let specs: [ProbeSpec]
    let height: Int
    let kept: String
    let observed: String

    init(_ specs: [ProbeSpec], _ height: Int, kept: String, observed: String) {
      self.specs = specs
      self.height = height
      self.kept = kept
      self.observed = observed
    }

    var testDescription: String { "\(specs.map(\.name)) from \(height)" }
  }

  static let mixed: [ProbeSpec] = [
    .probe("a"), .keeper("b"), .blind("c"), .probe("d"), .keeper("e"), .probe("f"),
  ]

  static let rows: [Row] = [
    Row(mixed, 0, kept: "e↑ b↑", observed: "f↑ d↑ a↑"),
    Row(mixed, 1, kept: "e↑ b↑", observed: "d↑ a↑"),
    Row(mixed, 2, kept: "b↑", observed: "d↑ a↑"),
    Row(mixed, 3, kept: "b↑", observed: "a↑"),
    Row(mixed, 5, kept: "", observed: "a↑"),
    Row(mixed, 6, kept: "", observed: ""),
    Row(mixed, .max, kept: "", observed: ""),
    Row([], 0, kept: "", observed: ""),
    Row([.keeper("a"), .keeper("b")], 0, kept: "b↑ a↑", observed: ""),
    Row([.probe("a"), .probe("b")], 0, kept: "", observed: "b↑ a↑"),
    Row([.blind("a")], 0, kept: "", observed: ""),
    // One that keeps answers and does not want to see them.
    Row(
      [.probe("a"), ProbeSpec(name: "b", action: .pass, sees: false, keeps: true)], 0, kept: "",
      observed: "a↑"),
  ]

  @Test(arguments: rows)
  func `those who keep answers and the others see a reply apart`(row: Row) {
    let (keepers, observers) = (Journal(), Journal())
    var bench = ExchangeBench()
    bench.exchange.answeredHeight = row.height
    Chain(row.specs, keepers).keep(&bench.exchange)
    Chain(row.specs, observers).reply(&bench.exchange)
    #expect(keepers.text == row.kept)
    #expect(observers.text == row.observed)
  }

  @Test(arguments: [
    (4, "a↓ b↓ c↓ d↓"), (3, "b↓ c↓ d↓"), (2, "c↓ d↓"), (1, "d↓"),
  ])
  func `a query may start in the middle`(height: Int, expected: String) {
    let journal = Journal()
    let chain = Chain([.probe("a"), .probe("b"), .keeper("c"), .probe("d", .answer)], journal)
    var bench = ExchangeBench()
    let outcome = chain.query(&bench.exchange, fromHeight: height)
    #expect(outcome == .answered)
    #expect(bench.exchange.answeredHeight == 1)
    #expect(journal.text == expected)
  }

  @Test(arguments: [-1, 0, 3, Int.max, Int.min])
  func `nothing starts or hurries at a height that the chain does not have`(height: Int) {
    let journal = Journal()
    let chain = Chain([.probe("a", .hurry), .probe("b", .hurry)], journal)
    var bench = ExchangeBench()
    bench.exchange.answeredHeight = 7
    let outcome = chain.query(&bench.exchange, fromHeight: height)
    let isAnswered = chain.hurry(&bench.exchange, height: height)
    #expect(outcome == .unanswered)
    #expect(!isAnswered)
    #expect(bench.exchange.answeredHeight == 7)
    #expect(journal.text.isEmpty)
  }

  @Test func `a hurried reply is that of the handler that was asked`() {
    let journal = Journal()
    let chain = Chain(
      [.probe("a"), .keeper("b", .hurry), .probe("c"), .probe("d", .waitThenAnswer)], journal)
    var bench = ExchangeBench()
    let outcome = chain.query(&bench.exchange)
    #expect(outcome == .waiting)
    let isDeclined = !chain.hurry(&bench.exchange, height: 2)
    #expect(isDeclined && bench.exchange.answeredHeight == 1)
    let isAnswered = chain.hurry(&bench.exchange, height: 3)
    #expect(isAnswered && bench.exchange.answeredHeight == 3)
    chain.reply(&bench.exchange)
    #expect(journal.text == "a↓ b↓ c↓ d↓ c! b! a↑")
  }

  @Test func `a handler that overrides nothing keeps nothing and has no hurried reply`() {
    let handler = Handler(next: nil)
    var bench = ExchangeBench()
    let isAnswered = handler.hurry(&bench.exchange)
    #expect(!isAnswered)
    #expect(!handler.keepsAnswers)
  }
}
