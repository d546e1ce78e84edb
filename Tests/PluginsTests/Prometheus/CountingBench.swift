import Corefile
import DNSWire
import PluginChain
import Plugins
import Sockets
import Testing

/// A query as `prometheus` sees it, and the reply to it.
struct CountedQuery: Sendable {
  var name = "www.example."
  var type = RRType.a
  var transport = Exchange.Transport.udp
  var client = IPAddress(v4: 0x7F00_0001)
  var octetCount = 40
  var dnssecOK = false
  /// The worker that serves it.
  var worker = 0
  /// The monotonic clock when it came, in nanoseconds; as it is when `nil`.
  var cameAt: UInt64?
}

/// Answers every query the same way.
final class FixedAnswer: Handler, @unchecked Sendable {
  /// What is done with a query.
  struct Script: Sendable {
    var code = ResponseCode.noError
    /// Octets of data of a record in the reply; none without.
    var dataOctetCount: Int?
    var outcome = Outcome.answered
  }

  private let script: Script

  init(_ script: Script) {
    self.script = script
    super.init(next: nil)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    exchange.reply.responseCode = script.code
    if let count = script.dataOctetCount {
      exchange.reply.beginRecord()
      exchange.reply.appendQuestionOwned(.txt, ttl: 5, dataLength: count)
      for _ in 0..<count { exchange.reply.append8(0) }
      _ = exchange.reply.endRecord(.answer)
    }
    if case .answered = script.outcome { return answered(&exchange) }
    return script.outcome
  }
}

/// `prometheus` over a handler that answers, with as many workers as one likes.
struct CountingBench: Sendable {
  private let setup: ServerSetup
  private let chain: Chain

  /// Sets a server block up; `plugin` is the name of the one that answers.
  init(
    _ address: String = ".:53", workerCount: Int = 1, plugin: String = "whoami",
    _ script: FixedAnswer.Script = .init()
  ) throws {
    let text = "\(address) {\nprometheus\n}\n"
    let parsed = parseCorefile(
      text, file: "Corefile", environment: [:], files: DiskFiles())
    let serverBlock = try #require(parsed.blocks.first)
    let zones = serverBlock.addresses.compactMap { DomainName(text: $0.zone) }
    var block = BlockSetup(block: serverBlock, zones: zones)
    var setup = ServerSetup(workerCount: workerCount, log: RecordingLog())
    let directive = try #require(serverBlock.directives.first)
    try Prometheus.definition.setUp([directive], &block, &setup)
    let count = block.factories.count
    block.factories.append { _ in FixedAnswer(script) }
    block.nameHandlers(from: count, plugin)
    chain = Chain(block.factories)
    self.setup = setup
  }

  /// Serves queries as the server does it, as far as plugins see it.
  func serve(_ queries: CountedQuery...) {
    var worker = CountingWorker()
    for query in queries { worker.serve(query, chain) }
  }

  /// Serves a query many times.
  func serve(_ query: CountedQuery, times: Int) {
    var worker = CountingWorker(number: query.worker)
    for _ in 0..<times { worker.serve(query, chain) }
  }

  /// The lines whose metrics begin with `name`.
  func lines(_ name: String) -> [String] {
    MetricsText.page(setup.metrics).split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix(name) }
  }

  /// The value of a series, written as it is shown.
  func value(_ series: String) -> Int? {
    lines(series + " ").first.flatMap { Int($0.dropFirst(series.count + 1)) }
  }
}

/// An exchange with a buffer of its own.
@safe
struct CountingWorker: ~Copyable {
  private let base: UnsafeMutablePointer<UInt8>
  private var exchange: Exchange

  init(number: Int = 0) {
    let octetCount = WireLimits.messageOctetCountMax
    let base = UnsafeMutablePointer<UInt8>.allocate(capacity: octetCount)
    unsafe base.initialize(repeating: 0, count: octetCount)
    unsafe self.base = unsafe base
    // SAFETY: the block lives as long as this owner, and the exchange is its only writer.
    exchange = unsafe Exchange(
      worker: number, reply: ReplyWriter(base: base, capacity: octetCount), header: Header(),
      seed: 3)
  }

  deinit {
    unsafe base.deallocate()
  }

  mutating func serve(_ query: CountedQuery, _ chain: Chain) {
    if query.worker != exchange.worker { self = CountingWorker(number: query.worker) }
    let wire = DomainName(text: query.name)?.wire ?? [0]
    exchange.reset(header: Header())
    _ = exchange.name.parse(wire.span, at: 0)
    exchange.type = query.type
    exchange.transport = query.transport
    exchange.client = TransportAddress(address: query.client, port: 4_000)
    exchange.queryOctetCount = query.octetCount
    exchange.now = query.cameAt ?? monotonicNanoseconds()
    if query.dnssecOK {
      exchange.edns = EDNS(requestorPayloadSize: 1232, version: 0, dnssecOK: true)
    }
    exchange.reply.reset(
      sizeMax: WireLimits.messageOctetCountMax, hasOPT: exchange.edns != nil)
    exchange.reply.appendQuestion((wire + [0, 1, 0, 1]).span)
    switch chain.query(&exchange) {
    case .answered: break
    case .unanswered:
      exchange.answeredHeight = 0
      exchange.fail(.serverFailure)
    case .dropped, .waiting: return
    }
    chain.reply(&exchange)
  }
}
