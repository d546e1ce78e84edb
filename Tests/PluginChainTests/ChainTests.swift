import PluginChain
import Testing

/// Who is called when: down, up, and over a wait.
@Suite struct ChainTests {
  /// A chain, what its handlers are to note, and how the query ends.
  struct Row: CustomTestStringConvertible, Sendable {
    let specs: [ProbeSpec]
    let journal: String
    let outcome: Outcome

    init(_ specs: [ProbeSpec], _ journal: String, _ outcome: Outcome = .answered) {
      self.specs = specs
      self.journal = journal
      self.outcome = outcome
    }

    var testDescription: String { journal.isEmpty ? "no handlers" : journal }
  }

  static let straight: [Row] = [
    Row([], "", .unanswered),
    Row([.probe("a", .answer)], "a↓"),
    Row([.probe("a"), .probe("b"), .probe("c", .answer)], "a↓ b↓ c↓ b↑ a↑"),
    Row([.probe("a"), .probe("b", .answer), .probe("c", .answer)], "a↓ b↓ a↑"),
    Row([.probe("a", .answer), .probe("b", .answer)], "a↓"),
    Row([.probe("a"), .blind("b"), .probe("c"), .probe("d", .answer)], "a↓ b↓ c↓ d↓ c↑ a↑"),
    Row([.blind("a"), .blind("b"), .blind("c", .answer)], "a↓ b↓ c↓"),
    Row([.probe("a"), .probe("b"), .blind("c", .answer)], "a↓ b↓ c↓ b↑ a↑"),
    Row([.probe("a"), .probe("b", .drop), .probe("c")], "a↓ b↓", .dropped),
    Row([.probe("a", .drop)], "a↓", .dropped),
    // Nobody answered: everyone sees what the server makes of it, also those who were not asked.
    Row([.probe("a"), .probe("b")], "a↓ b↓ b↑ a↑", .unanswered),
    Row([.probe("a"), .probe("b", .giveUp), .probe("c")], "a↓ b↓ c↑ b↑ a↑", .unanswered),
  ]

  static let waiting: [Row] = [
    Row([.probe("a"), .probe("b", .waitThenAnswer), .probe("c")], "a↓ b↓ | b→ a↑"),
    Row([.probe("a", .waitThenAnswer), .probe("b")], "a↓ | a→"),
    Row([.probe("a"), .probe("b"), .blind("c", .waitThenAnswer)], "a↓ b↓ c↓ | c→ b↑ a↑"),
    Row([.probe("a"), .probe("b", .waitTwice)], "a↓ b↓ | b→ | b→ a↑"),
    Row(
      [.probe("a"), .probe("b", .waitThenPass), .probe("c", .answer)],
      "a↓ b↓ | b→ c↓ b↑ a↑"),
    // The second wait is another handler's: it goes on there, not at the first.
    Row(
      [.probe("a"), .probe("b", .waitThenPass), .probe("c", .waitThenAnswer)],
      "a↓ b↓ | b→ c↓ | c→ b↑ a↑"),
    Row(
      [.probe("a"), .probe("b", .waitThenGiveUp), .probe("c")], "a↓ b↓ | b→ c↑ b↑ a↑",
      .unanswered),
    Row([.probe("a"), .probe("b", .waitThenDrop), .probe("c")], "a↓ b↓ | b→", .dropped),
    Row([.probe("a"), .probe("b", .waitThenPass)], "a↓ b↓ | b→ b↑ a↑", .unanswered),
  ]

  /// Does what the server does with a chain, resuming at once whatever waits.
  private func run(_ chain: Chain, _ exchange: inout Exchange, _ journal: Journal) -> Outcome {
    var outcome = chain.query(&exchange)
    var waitCount = 0
    while outcome == .waiting, waitCount < 10 {
      waitCount += 1
      journal.write("|")
      outcome = chain.resume(&exchange, height: exchange.answeredHeight)
    }
    if outcome == .unanswered { exchange.answeredHeight = 0 }
    if outcome == .answered || outcome == .unanswered { chain.reply(&exchange) }
    return outcome
  }

  @Test(arguments: straight + waiting)
  func `handlers are called in order, and only those above the answer see it`(row: Row) {
    let journal = Journal()
    let chain = Chain(row.specs, journal)
    var bench = ExchangeBench()
    let outcome = run(chain, &bench.exchange, journal)
    #expect(journal.text == row.journal)
    #expect(outcome == row.outcome)
  }

  @Test func `an exchange is good for one query after another`() {
    let journal = Journal()
    let chain = Chain([.probe("a"), .probe("b", .answer)], journal)
    let silent = Chain([.probe("c"), .probe("d", .giveUp)], journal)
    var bench = ExchangeBench()
    for chain in [chain, silent, chain] {
      bench.start(edns: nil)
      _ = run(chain, &bench.exchange, journal)
    }
    #expect(journal.text == "a↓ b↓ a↑ c↓ d↓ d↑ c↑ a↓ b↓ a↑")
  }

  @Test func `a wait is noted at the height of the handler that waits`() {
    let journal = Journal()
    let specs: [ProbeSpec] = [.probe("a"), .probe("b", .waitThenAnswer), .probe("c"), .probe("d")]
    let chain = Chain(specs, journal)
    var bench = ExchangeBench()
    let outcome = chain.query(&bench.exchange)
    #expect(outcome == .waiting)
    // Counted from the end: d is 1.
    #expect(bench.exchange.answeredHeight == 3)
  }

  @Test(arguments: [-1, 0, 3, Int.max, Int.min])
  func `nothing is resumed at a height that the chain does not have`(height: Int) {
    let journal = Journal()
    let chain = Chain([.probe("a"), .probe("b", .waitThenAnswer)], journal)
    var bench = ExchangeBench()
    let outcome = chain.resume(&bench.exchange, height: height)
    #expect(outcome == .unanswered)
    #expect(journal.text.isEmpty)
  }

  @Test func `a handler that overrides nothing hands queries on and sees no replies`() {
    let journal = Journal()
    let handler = Handler(next: Probe("a", .answer, journal, next: nil))
    var bench = ExchangeBench()
    #expect(handler.height == 2)
    #expect(!handler.seesReplies)
    let outcomes = [handler.query(&bench.exchange), handler.resume(&bench.exchange)]
    #expect(outcomes == [.answered, .unanswered])
    #expect(journal.text == "a↓")
  }
}
