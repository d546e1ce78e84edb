import DNSWire
import PluginChain
import Sockets

/// One query after the other through the real way of a query, without sockets: what comes back is
/// what a client would get. Nothing is changed by it, as far as handlers heed `isRehearsal`.
///
/// In a running server it must be made and used on the worker of its number, between two batches:
/// what handlers keep for each worker is that worker's.
package final class SingleQuery {
  /// What came of a query.
  package enum Result: Sendable {
    /// The reply's octets, and the plugin that wrote it; empty when the server did itself.
    case reply([UInt8], plugin: String)
    /// Nothing would be sent.
    case silence
    /// This plugin waits, with what there is of the reply so far; for the target of an alias, or
    /// for the question itself.
    case waiting(plugin: String, isAlias: Bool)
  }

  private let buffer = OwnedBuffer(capacity: WireLimits.messageOctetCountMax)
  private var exchange: Exchange
  private var subQueries: SubQueries
  private let routes: RouteTable

  /// Queries from `client` for `routes`.
  package init(_ routes: RouteTable, client: TransportAddress, worker: Int = 0) {
    self.routes = routes
    subQueries = SubQueries(worker: worker)
    exchange = Exchange(worker: worker, writingTo: buffer)
    exchange.isRehearsal = true
    exchange.client = client
    exchange.server = TransportAddress(address: IPAddress(v4: 0x7F00_0001), port: 53)
    exchange.transport = .tcp
  }

  /// Serves `query`, as over TCP: nothing is cut.
  package func ask(_ query: [UInt8]) -> Result {
    subQueries = SubQueries(worker: exchange.worker)
    exchange.now = monotonicNanoseconds()
    exchange.ticket &+= 1
    switch serve(query.span, &exchange, routes, subQueries) {
    case .silence: return .silence
    case .reply:
      var framed: [UInt8] = []
      exchange.reply.appendFramed(to: &framed)
      let chain = routes.chain(for: exchange.name)
      return .reply(
        Array(framed.dropFirst(2)), plugin: chain?.pluginName(at: exchange.answeredHeight) ?? "")
    case .parked(let chain):
      if let plugin = subQueries.waitingPlugin { return .waiting(plugin: plugin, isAlias: true) }
      return .waiting(plugin: chain.pluginName(at: exchange.answeredHeight), isAlias: false)
    }
  }
}
