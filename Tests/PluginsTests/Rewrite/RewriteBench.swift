import Corefile
import DNSWire
import PluginChain
import Plugins
import Server
import Sockets
import Synchronization
import Testing

/// Directives of one server block over an upstream that answers as it is told, asked as a worker
/// asks: with sub-queries, waits and refreshes, without sockets.
final class RewriteBench {
  /// No file can be imported.
  private struct NoFiles: CorefileFiles {
    func read(_ path: String) throws(FileProblem) -> String { throw .notFound }
    func glob(_ pattern: String) -> [String] { [] }
  }

  private let buffer = OwnedBuffer(capacity: WireLimits.messageOctetCountMax)
  private let routes: RouteTable
  private let chain: Chain
  private let subQueries = SubQueries(worker: 0)
  private var exchange: Exchange
  /// Who is below everything.
  let upstream: FakeUpstream
  /// What came to it: name, type, class, and the client's name where another one was asked.
  let sightings: QuestionNotes
  /// What handlers log.
  let log: RecordingLog

  /// The plugins of the directives `text`, above `script`.
  init(
    _ text: String, ownZones: [String] = [], script: @escaping FakeUpstream.Script
  ) throws {
    let parsed = parseCorefile(
      ".:53 {\n\(text)\n}\n", file: "Corefile", environment: [:], files: NoFiles())
    try #require(!parsed.hasErrors)
    let serverBlock = try #require(parsed.blocks.first)
    log = RecordingLog()
    var setup = ServerSetup(workerCount: 1, log: log)
    var block = BlockSetup(block: serverBlock, zones: [.root])
    for case .built(let definition) in pluginOrder {
      let directives = serverBlock.directives.filter { $0.name.text == definition.name }
      if !directives.isEmpty { try definition.setUp(directives, &block, &setup) }
    }
    let upstream = FakeUpstream(script, next: nil)
    let notes = QuestionNotes()
    chain = Chain(block.factories + [{ _ in QuestionNoter(notes, next: upstream) }])
    self.upstream = upstream
    sightings = notes
    routes = RouteTable(
      [(.root, chain)], ownZones: ownZones.compactMap { DomainName(text: $0) })
    // SAFETY: the buffer lives as long as this owner, and the exchange is its only writer.
    exchange = unsafe Exchange(
      worker: 0, reply: ReplyWriter(base: buffer.base, capacity: buffer.capacity),
      header: Header(), seed: 1)
    exchange.server = TransportAddress(address: IPAddress(v4: 0xC000_0235), port: 53)
  }

  /// The reply's octets; `nil` when the query waits or gets nothing.
  func octets(for ask: Ask) -> [UInt8]? {
    exchange.transport = ask.transport
    exchange.client = ask.client
    let query = ask.octets
    guard case .reply = serve(query.span, &exchange, routes, subQueries) else { return nil }
    return replyOctets
  }

  /// The reply to a query.
  func reply(_ ask: Ask) throws -> Reply {
    try Reply(try #require(octets(for: ask)))
  }

  /// The reply to a query over TCP.
  func reply(_ name: String, _ type: RRType = .a) throws -> Reply {
    try reply(Ask(name, type, .tcp))
  }

  /// The reply to a query that waited, or now waits again.
  func resume() throws -> Reply? {
    let result = Server.resume(
      &exchange, chain, height: exchange.answeredHeight, routes, subQueries)
    guard case .reply = result else { return nil }
    return try Reply(replyOctets)
  }

  private var replyOctets: [UInt8] {
    exchange.reply.withOctets { octets in (0..<octets.count).map { octets[$0] } }
  }

  /// The name and type of the exchange, as handlers above see it in the end.
  var question: String { "\(exchange.name.domainName ?? .root) \(exchange.type)" }

  /// Whether the exchange still has another question than the client's.
  var hasOriginal: Bool { exchange.original != nil }
}

/// The questions that came down, for tests.
final class QuestionNotes: Sendable {
  private let notes = Mutex<(texts: [String], options: [[UInt8]], edns: [EDNS?])>(([], [], []))

  /// Name and type of each, in order, with the client's name where that is another one.
  var texts: [String] { notes.withLock(\.texts) }
  /// The options of each.
  var options: [[UInt8]] { notes.withLock(\.options) }
  /// What OPT says of each.
  var edns: [EDNS?] { notes.withLock(\.edns) }

  fileprivate func add(_ text: String, _ options: [UInt8], _ edns: EDNS?) {
    notes.withLock {
      $0.texts.append(text)
      $0.options.append(options)
      $0.edns.append(edns)
    }
  }
}

/// Notes questions on their way down.
private final class QuestionNoter: Handler, @unchecked Sendable {
  private let notes: QuestionNotes

  init(_ notes: QuestionNotes, next: Handler?) {
    self.notes = notes
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    var text = "\(exchange.name.domainName ?? .root) \(exchange.type)"
    if exchange.classCode != .internet { text += " \(exchange.classCode)" }
    if let original = exchange.original, original.name != exchange.name.domainName {
      text += " for \(original.name)"
    }
    notes.add(text, exchange.queryOptions, exchange.edns)
    return passOn(&exchange)
  }
}
