import DNSWire
import PluginChain
import Server
import Sockets

/// One exchange and the routes behind it: what a worker has, without sockets.
@safe
struct QueryBench: ~Copyable {
  /// What came of a query.
  enum Served: Equatable {
    /// This reply.
    case reply([UInt8])
    /// Nothing.
    case silence
    /// A handler waits.
    case parked
  }

  private let buffer = OwnedBuffer(capacity: WireLimits.messageOctetCountMax)
  private let routes: RouteTable
  private let subQueries = SubQueries(worker: 0)
  /// The exchange that queries go through.
  var exchange: Exchange

  /// A bench whose queries for `zone` are answered by `chain`.
  init(_ chain: Chain = .answering(), zone: DomainName = .root) {
    self.init(RouteTable([(zone, chain)]))
  }

  /// A bench in front of `routes`.
  init(_ routes: RouteTable) {
    self.routes = routes
    // SAFETY: the buffer lives as long as this owner, and the exchange is its only writer.
    exchange = unsafe Exchange(
      worker: 0, reply: ReplyWriter(base: buffer.base, capacity: buffer.capacity),
      header: Header(), seed: 1)
    exchange.client = TransportAddress(address: IPAddress(v4: 0x7F00_0001), port: 40_000)
    exchange.server = TransportAddress(address: IPAddress(v4: 0x7F00_0001), port: 53)
  }

  /// Serves one query over `transport`.
  mutating func serve(_ octets: [UInt8], _ transport: Exchange.Transport = .udp) -> Served {
    exchange.transport = transport
    switch Server.serve(octets.span, &exchange, routes, subQueries) {
    case .reply: return .reply(replyOctets)
    case .silence: return .silence
    case .parked: return .parked
    }
  }

  /// Goes on with the query that was parked last, as the worker does with its exchange.
  mutating func resume(_ chain: Chain) -> Served {
    switch Server.resume(&exchange, chain, height: exchange.answeredHeight, routes, subQueries) {
    case .reply: .reply(replyOctets)
    case .silence: .silence
    case .parked: .parked
    }
  }

  /// Whether the last query was served over TCP as over UDP, to the octet; but for the option of
  /// RFC 7828 at its end and the length of OPT, when that was asked.
  borrowing func isSame(_ overTCP: Served, as overUDP: Served) -> Bool {
    guard exchange.edns?.asksKeepalive == true,
      case .reply(let long) = overTCP, case .reply(let short) = overUDP
    else { return overTCP == overUDP }
    let differences = zip(long, short).count { $0 != $1 }
    return long.count == short.count + 6 && (1...2).contains(differences)
      && long.suffix(6).starts(with: [0, 11, 0, 2])
  }

  private var replyOctets: [UInt8] {
    var framed: [UInt8] = []
    exchange.reply.appendFramed(to: &framed)
    return Array(framed.dropFirst(2))
  }
}
