import DNSWire
import PluginChain
import Testing

/// The fields that sub-queries, refreshes and hurried replies need.
@Suite struct ExchangeTwinTests {
  /// A bench whose exchange has everything set and two records in its reply.
  private func busy() -> ExchangeBench {
    var bench = ExchangeBench(.tcp, edns: .plain(4096), worker: 5)
    bench.exchange.original = OriginalQuestion(
      octets: [0, 0, 1, 0, 1], edns: nil, queryOptions: [], changes: [])
    bench.exchange.isSubQuery = true
    bench.exchange.type = .srv
    bench.exchange.queryOctetCount = 99
    bench.exchange.queryOptions = [0, 8, 0, 0]
    bench.exchange.client = TransportAddress(address: IPAddress(v4: 1), port: 2)
    bench.exchange.server = TransportAddress(address: IPAddress(v4: 3), port: 4)
    bench.exchange.setPayloadSize(4096)
    bench.exchange.rotation = 9
    bench.exchange.ticket = 42
    bench.exchange.now = 1000
    bench.exchange.startNanoseconds = 900
    let name: [UInt8] = [1, 0x41, 0]
    _ = bench.exchange.name.parse(name.span, at: 0)
    // Of a reply.
    for _ in 0..<2 { _ = bench.exchange.appendAddress() }
    bench.exchange.reply.isAuthoritative = true
    bench.exchange.reply.recursionAvailable = true
    bench.exchange.reply.isAuthentic = true
    bench.exchange.reply.isTruncated = true
    bench.exchange.reply.responseCode = .nameError
    bench.exchange.extendedError = (.other, "why")
    bench.exchange.replyOptions = [0, 9, 0, 0]
    bench.exchange.isKeepable = true
    bench.exchange.aliasTarget = 20
    bench.exchange.aliasIsOurs = true
    bench.exchange.aliasCount = 3
    bench.exchange.isRefresh = true
    bench.exchange.refreshHeight = 4
    bench.exchange.hurryAt = 5
    bench.exchange.hurryHeight = 6
    bench.exchange.answeredHeight = 7
    return bench
  }

  @Test func `a twin has the question, from the same client`() {
    var bench = busy()
    let twin = bench.exchange.twin()
    #expect(twin.worker == 5)
    #expect(twin.header == bench.exchange.header)
    #expect(twin.name.domainName == DomainName(text: "a."))
    #expect(twin.type == .srv)
    #expect(twin.original?.octets == [0, 0, 1, 0, 1] && twin.isSubQuery)
    #expect(twin.classCode == .internet)
    #expect(twin.edns == .plain(4096))
    #expect(twin.transport == .tcp)
    #expect(twin.queryOctetCount == 99)
    #expect(twin.queryOptions == [0, 8, 0, 0])
    #expect(twin.client == bench.exchange.client)
    #expect(twin.server == bench.exchange.server)
    #expect(twin.payloadSize == 4096)
    #expect(twin.rotation == 9)
    #expect(twin.ticket == 42)
    #expect(twin.now == 1000)
    #expect(twin.startNanoseconds == 900)
    #expect(twin.reply.count == twin.reply.recordsOffset)
    #expect(twin.reply.recordsOffset == bench.exchange.reply.recordsOffset)
  }

  @Test func `a twin has nothing of a reply`() {
    var bench = busy()
    let twin = bench.exchange.twin()
    #expect(twin.reply.answerCount == 0)
    #expect(!twin.reply.isAuthoritative && !twin.reply.recursionAvailable)
    #expect(!twin.reply.isAuthentic && !twin.reply.isTruncated)
    #expect(twin.reply.responseCode == .noError)
    #expect(twin.extendedError == nil)
    #expect(twin.replyOptions.isEmpty)
    #expect(!twin.isKeepable && !twin.aliasIsOurs && !twin.isRefresh)
    #expect(twin.aliasTarget == 0 && twin.aliasCount == 0)
    #expect(twin.refreshHeight == 0 && twin.hurryHeight == 0 && twin.answeredHeight == 0)
    #expect(twin.hurryAt == .max)
  }

  @Test func `a twin leaves the other as it was, but draws other numbers`() {
    var bench = busy()
    var twin = bench.exchange.twin()
    #expect(bench.exchange.reply.answerCount == 2)
    #expect(bench.exchange.reply.responseCode == .nameError)
    #expect(bench.exchange.refreshHeight == 4)
    #expect(bench.exchange.aliasTarget == 20)
    let left = (0..<20).map { _ in bench.exchange.nextRandom() }
    let right = (0..<20).map { _ in twin.nextRandom() }
    #expect(Set(left).isDisjoint(with: right))
  }

  @Test func `a new query starts without what came of the last`() {
    var bench = busy()
    bench.exchange.reset(header: Header())
    #expect(bench.exchange.queryOptions.isEmpty && bench.exchange.replyOptions.isEmpty)
    #expect(!bench.exchange.isKeepable && !bench.exchange.aliasIsOurs && !bench.exchange.isRefresh)
    #expect(bench.exchange.original == nil && !bench.exchange.isSubQuery)
    #expect(bench.exchange.aliasTarget == 0 && bench.exchange.aliasCount == 0)
    #expect(bench.exchange.refreshHeight == 0 && bench.exchange.hurryHeight == 0)
    #expect(bench.exchange.hurryAt == .max)
  }

  @Test func `a failure is neither kept nor an alias, and has no options of another server`() {
    var bench = busy()
    bench.exchange.fail(.serverFailure)
    #expect(bench.exchange.isKeepable == false)
    #expect(bench.exchange.aliasTarget == 0)
    #expect(bench.exchange.replyOptions.isEmpty)
    #expect(bench.exchange.queryOptions == [0, 8, 0, 0], "the query is as it was")
    #expect(bench.exchange.refreshHeight == 4)
  }
}
