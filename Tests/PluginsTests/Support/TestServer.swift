import DNSWire
import PluginChain
import Plugins
import Server
import Testing

/// The server blocks of a Corefile, asked in memory: everything but the sockets.
final class TestServer: Sendable {
  /// The Corefile, set up.
  let corefile: SetUpCorefile
  private let routes: RouteTable
  private let folder: ManifestFolder?

  /// Sets a Corefile up; in its text `MANIFESTS` stands for a file with these documents. The
  /// plugins' parts are prepared unless `isPrepared` is false.
  init(_ text: String, manifests: [String] = [], isPrepared: Bool = true) async throws {
    let folder = manifests.isEmpty ? nil : try ManifestFolder(Manifest.file(manifests))
    self.folder = folder
    let words = text.split(separator: "MANIFESTS", omittingEmptySubsequences: false)
    corefile = SetUpCorefile(words.joined(separator: folder?.path ?? "/none"))
    let zones = corefile.plans.flatMap { plan in plan.zones.map { ($0, plan.chain) } }
    routes = RouteTable(
      zones.map { (zone: $0.0, chain: $0.1) }, ownZones: corefile.setup.ownZones.zones)
    let errors = corefile.diagnostics.filter { $0.contains(": error: ") }
    try #require(errors.isEmpty, "\(errors)")
    if isPrepared { for part in corefile.setup.parts { try await part.prepare(.once) } }
  }

  /// What has been logged.
  var log: [String] { corefile.log.lines }

  /// The reply to one query; `nil` when there is none.
  func reply(_ ask: Ask, seed: UInt64 = 1) throws -> Reply {
    try #require(try replies([ask], seed: seed).first)
  }

  /// The reply to a query by name and type.
  func reply(_ name: String, _ type: RRType = .a) throws -> Reply { try reply(Ask(name, type)) }

  /// The replies of one worker to queries in a row.
  func replies(_ asks: [Ask], seed: UInt64 = 1) throws -> [Reply] {
    var worker = TestWorker(seed: seed)
    var replies: [Reply] = []
    for ask in asks {
      let octets = worker.serve(ask, routes)
      replies.append(try Reply(try #require(octets, "\(ask) has no reply")))
    }
    return replies
  }
}

/// An exchange with a buffer of its own, as a worker has it.
@safe
struct TestWorker: ~Copyable {
  private static let octetCount = WireLimits.messageOctetCountMax
  private let base: UnsafeMutablePointer<UInt8>
  private var exchange: Exchange
  private let subQueries = SubQueries(worker: 0)

  /// A worker whose draws follow from `seed`.
  init(seed: UInt64) {
    let base = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.octetCount)
    unsafe base.initialize(repeating: 0, count: Self.octetCount)
    unsafe self.base = unsafe base
    // SAFETY: the block lives as long as this owner, and the exchange is its only writer.
    exchange = unsafe Exchange(
      worker: 0, reply: ReplyWriter(base: base, capacity: Self.octetCount), header: Header(),
      seed: seed)
    exchange.server = TransportAddress(address: IPAddress(v4: 0xC000_0235), port: 53)
  }

  deinit {
    unsafe base.deallocate()
  }

  /// The octets that go out for a query; `nil` when nothing does.
  mutating func serve(_ ask: Ask, _ routes: RouteTable) -> [UInt8]? {
    exchange.transport = ask.transport
    exchange.client = ask.client
    let query = ask.octets
    guard case .reply = Server.serve(query.span, &exchange, routes, subQueries) else { return nil }
    return exchange.reply.withOctets { octets in (0..<octets.count).map { octets[$0] } }
  }
}
