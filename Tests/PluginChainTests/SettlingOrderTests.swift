import DNSWire
import PluginChain
import Testing

/// When handlers settle replies, and what becomes of a question that was changed.
@Suite struct SettlingOrderTests {
  /// Notes what it sees of a reply.
  private final class Settler: Handler, @unchecked Sendable {
    private let name: String
    private let journal: Journal
    private let keeps: Bool

    init(_ name: String, keeps: Bool = false, _ journal: Journal, next: Handler?) {
      self.name = name
      self.keeps = keeps
      self.journal = journal
      super.init(next: next)
    }

    override var seesReplies: Bool { true }
    override var keepsAnswers: Bool { keeps }
    override var settles: Bool { !keeps }
    override func settle(_ exchange: inout Exchange) { journal.write("\(name)!") }
    override func reply(_ exchange: inout Exchange) { journal.write("\(name)↑") }
    override func hurry(_ exchange: inout Exchange) -> Bool { true }
  }

  private func chain(_ journal: Journal) -> Chain {
    Chain([
      { Settler("a", journal, next: $0) }, { Settler("b", keeps: true, journal, next: $0) },
      { Settler("c", journal, next: $0) }, { Settler("d", keeps: true, journal, next: $0) },
    ])
  }

  @Test(arguments: [
    (0, "d↑ b↑ c! a!", "c↑ a↑"), (1, "b↑ c! a!", "c↑ a↑"), (2, "b↑ a!", "a↑"), (3, "a!", "a↑"),
    (4, "", ""),
  ])
  func `replies are settled once they are kept`(height: Int, kept: String, seen: String) {
    let (first, second) = (Journal(), Journal())
    var bench = ExchangeBench()
    bench.exchange.answeredHeight = height
    chain(first).keep(&bench.exchange)
    chain(second).reply(&bench.exchange)
    #expect(first.text == kept)
    #expect(second.text == seen)
  }

  @Test func `so is what is answered in a hurry`() {
    let journal = Journal()
    var bench = ExchangeBench()
    let isAnswered = chain(journal).hurry(&bench.exchange, height: 2)
    #expect(isAnswered && journal.text == "a!")
  }

  // MARK: - Questions

  @Test func `another question, and back`() throws {
    var bench = ExchangeBench(.udp, edns: .plain(1232))
    let question: [UInt8] = [1, 0x41, 2, 0x42, 0x63, 0, 0, 1, 0, 1]
    _ = bench.exchange.name.parse(question.span, at: 0)
    bench.exchange.reply.reset(sizeMax: 512, hasOPT: true)
    bench.exchange.reply.appendQuestion(question.span)
    bench.exchange.reply.isAuthoritative = true
    #expect(bench.exchange.reply.question == question)
    let original = OriginalQuestion(
      octets: question, edns: bench.exchange.edns, queryOptions: [0, 9, 0, 0], changes: [])
    #expect(original.name.description == "A.Bc." && original.name.wire == Array(question[..<6]))
    #expect(original.type == .a && original.classCode == .internet)
    bench.exchange.edns = nil
    bench.exchange.askInstead(try #require(DomainName(text: "Other.Test")))
    bench.exchange.askInstead(.mx, .chaos)
    #expect(bench.exchange.name.domainName?.wire == DomainName(text: "other.test")?.wire)
    #expect(bench.exchange.type == .mx && bench.exchange.classCode == .chaos)
    let other = (DomainName(text: "Other.Test")?.wire ?? []) + [0, 15, 0, 3]
    #expect(bench.exchange.reply.question == other)
    #expect(bench.exchange.reply.isAuthoritative, "flags stay")
    let isAppended = bench.exchange.appendAddress()
    #expect(isAppended)
    bench.exchange.reply.replaceQuestion(question.span)
    bench.exchange.restoreQuestion(original)
    #expect(bench.exchange.name.domainName?.description == "a.bc.")
    #expect(bench.exchange.type == .a && bench.exchange.classCode == .internet)
    #expect(bench.exchange.edns == .plain(1232) && bench.exchange.queryOptions == [0, 9, 0, 0])
    #expect(bench.exchange.reply.question == question && bench.exchange.reply.answerCount == 0)
    // The space for records is what it was: 512 octets less OPT.
    var count = 0
    while bench.exchange.appendAddress() { count += 1 }
    #expect(count == (512 - 11 - 12 - question.count) / 16)
  }
}
