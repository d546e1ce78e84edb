import Corefile
import DNSWire
import PluginChain
import Plugins
import Testing

/// A `cache` over a fake upstream, asked as a worker does it, at any time one likes.
@safe
struct CacheBench: ~Copyable {
  private static let octetCount = WireLimits.messageOctetCountMax
  private let base: UnsafeMutablePointer<UInt8>
  private let chain: Chain
  private var setup: ServerSetup
  /// The exchange, as the last query left it.
  var exchange: Exchange
  /// Who is below.
  let upstream: FakeUpstream
  /// The monotonic clock, in nanoseconds.
  var now: UInt64 = 1_000_000_000_000

  /// No file can be imported.
  private struct NoFiles: CorefileFiles {
    func read(_ path: String) throws(FileProblem) -> String { throw .notFound }
    func glob(_ pattern: String) -> [String] { [] }
  }

  /// The plugin of the directive `text` over an upstream.
  init(_ text: String = "cache", _ script: @escaping FakeUpstream.Script) throws {
    let parsed = parseCorefile(
      ".:53 {\n\(text)\n}\n", file: "Corefile", environment: [:], files: NoFiles())
    let serverBlock = try #require(parsed.blocks.first)
    let directive = try #require(serverBlock.directives.first)
    var block = BlockSetup(block: serverBlock, zones: [.root])
    var setup = ServerSetup(workerCount: 1, log: RecordingLog())
    try Cache.definition.setUp([directive], &block, &setup)
    let upstream = FakeUpstream(script, next: nil)
    chain = Chain(block.factories + [{ _ in upstream }])
    self.upstream = upstream
    self.setup = setup
    let base = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.octetCount)
    unsafe base.initialize(repeating: 0, count: Self.octetCount)
    unsafe self.base = unsafe base
    // SAFETY: the block lives as long as this owner, and the exchange is its only writer.
    exchange = unsafe Exchange(
      worker: 0, reply: ReplyWriter(base: base, capacity: Self.octetCount), header: Header(),
      seed: 7)
  }

  deinit {
    unsafe base.deallocate()
  }

  /// Lets time pass, backwards too.
  mutating func pass(seconds: Double) {
    now &+= UInt64(bitPattern: Int64(seconds * 1_000_000_000))
  }

  // MARK: - Asking

  /// Puts the question of `ask` into the exchange.
  private mutating func start(_ ask: Ask) {
    let query = ask.octets
    exchange.transport = ask.transport
    exchange.reset(header: Header(query.span) ?? Header())
    let end = exchange.name.parse(query.span, at: WireLimits.headerOctetCount) ?? 0
    exchange.type = ask.type
    exchange.edns = ask.payload.map {
      EDNS(requestorPayloadSize: $0, version: 0, dnssecOK: ask.dnssecOK)
    }
    exchange.now = now
    exchange.reply.reset(sizeMax: exchange.replySizeMax, hasOPT: exchange.edns != nil)
    exchange.reply.appendQuestion(
      query.span.extracting(WireLimits.headerOctetCount..<max(end, 12) + 4))
  }

  /// The reply to `ask`; `nil` when the query waits.
  mutating func ask(_ ask: Ask, rotation: UInt32 = 0) throws -> Reply? {
    start(ask)
    exchange.rotation = rotation
    return try conclude(chain.query(&exchange))
  }

  /// The reply to a query over TCP with RD, by name and type.
  mutating func ask(_ name: String, _ type: RRType = .a) throws -> Reply {
    try #require(try ask(Ask(name, type, .tcp)))
  }

  /// What `cache` says of a question.
  func facts(_ name: String, _ type: RRType = .a) throws -> [String] {
    let name = try #require(DomainName(text: name))
    return chain.facts(about: Question(name: name, type: type, now: now)).flatMap(\.lines)
  }

  /// Asks, and reads nothing of the reply.
  mutating func touch(_ name: String, _ type: RRType = .a) {
    start(Ask(name, type, .tcp))
    if case .answered = chain.query(&exchange) { chain.keep(&exchange) }
  }

  /// The waiting query goes on.
  mutating func resume() throws -> Reply? {
    exchange.now = now
    return try conclude(chain.resume(&exchange, height: exchange.answeredHeight))
  }

  /// What the client of the waiting query gets when its patience is over; `nil` for nothing.
  mutating func hurry() throws -> Reply? {
    exchange.now = now
    guard chain.hurry(&exchange, height: exchange.hurryHeight) else { return nil }
    return try finish()
  }

  /// Asks the last question again without a client, when the last reply wanted that; whether it
  /// did.
  mutating func refresh() -> Bool {
    let height = exchange.refreshHeight
    guard height > 0 else { return false }
    exchange.refreshHeight = 0
    exchange.isRefresh = true
    exchange.isKeepable = false
    exchange.aliasTarget = 0
    exchange.now = now
    exchange.reply.clear()
    if case .answered = chain.query(&exchange, fromHeight: height) { chain.keep(&exchange) }
    return true
  }

  /// As `refresh`, which must have been wanted.
  mutating func mustRefresh() throws {
    let wasWanted = refresh()
    try #require(wasWanted)
  }

  private mutating func conclude(_ outcome: Outcome) throws -> Reply? {
    switch outcome {
    case .answered: break
    case .unanswered:
      exchange.answeredHeight = 0
      exchange.fail(.serverFailure)
    case .dropped, .waiting: return nil
    }
    chain.keep(&exchange)
    chain.reply(&exchange)
    return try finish()
  }

  private mutating func finish() throws -> Reply {
    exchange.reply.cut(sizeMax: exchange.replySizeMax, hasOPT: exchange.edns != nil)
    exchange.reply.finish(
      query: exchange.header, edns: exchange.edns, payloadSize: exchange.payloadSize,
      error: exchange.extendedError, options: exchange.replyOptions)
    return try Reply(exchange.reply.withOctets { octets in (0..<octets.count).map { octets[$0] } })
  }

  // MARK: - Metrics

  /// The value of a metric, of one type where it has types.
  func metric(_ name: String, _ type: String? = nil) -> Double? {
    let samples = setup.metrics.first { $0.name == name }?.read() ?? []
    return samples.first { sample in
      type == nil || sample.labels.contains { $0 == ("type", type ?? "") }
    }?.value
  }

  /// The labels of a metric's first sample.
  func labels(_ name: String) -> [String] {
    let sample = setup.metrics.first { $0.name == name }?.read().first
    return sample?.labels.map { "\($0.name)=\($0.value)" } ?? []
  }
}
