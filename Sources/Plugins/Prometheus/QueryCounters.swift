import DNSWire
import PluginChain
import Synchronization

/// What `prometheus` counts of the queries of one server block: a table of numbers for every worker
/// and zone. Only the worker itself writes to its tables, so nothing is locked; they are summed
/// when they are read.
final class QueryCounters: Sendable {
  /// One worker's numbers of one zone. Those at both ends are not used: nobody else's numbers share
  /// a cache line with the others.
  private final class Table: Sendable {
    let numbers = InlineArray<704, Atomic<Int>> { _ in Atomic(0) }

    func add(_ amount: Int, _ place: Int) {
      let value = numbers[place].load(ordering: .relaxed)
      numbers[place].store(value &+ amount, ordering: .relaxed)
    }
  }

  /// The zones, without doubles; the places are the numbers of zones.
  let zones: [DomainName]
  private let workerCount: Int
  private let tables: [Table]

  /// All zero.
  init(zones: [DomainName], workerCount: Int) {
    self.zones = zones
    self.workerCount = max(1, workerCount)
    tables = (0..<max(1, zones.count) * self.workerCount).map { _ in Table() }
  }

  // MARK: - Counting

  /// Counts a query and the reply to it, which a plugin wrote after so many nanoseconds; only on
  /// the worker itself.
  func count(_ exchange: inout Exchange, zone: Int, plugin: Int, nanoseconds: UInt64) {
    let transport = Self.transport(&exchange)
    let request = QueryLayout.request(
      transport, Self.family(&exchange), type: QueryLayout.number(of: exchange.type))
    let querySize = exchange.queryOctetCount
    let queryBucket = QueryLayout.querySize(transport, QueryLayout.sizeBucket(querySize))
    let dnssecOK = exchange.edns?.dnssecOK == true
    let replySize = Self.replySize(&exchange)
    let replyBucket = QueryLayout.replySize(transport, QueryLayout.sizeBucket(replySize))
    let reply = QueryLayout.reply(
      code: QueryLayout.number(of: exchange.reply.responseCode), plugin: plugin)
    let duration = QueryLayout.duration(QueryLayout.durationBucket(nanoseconds))
    guard let table = table(zone: zone, worker: exchange.worker) else { return }
    table.add(1, request)
    table.add(1, queryBucket)
    table.add(querySize, QueryLayout.querySize(transport, QueryLayout.sizeSum))
    if dnssecOK { table.add(1, QueryLayout.dnssecOK) }
    table.add(1, reply)
    table.add(1, replyBucket)
    table.add(replySize, QueryLayout.replySize(transport, QueryLayout.sizeSum))
    table.add(1, duration)
    table.add(Int(truncatingIfNeeded: nanoseconds), QueryLayout.duration(QueryLayout.durationSum))
  }

  @inline(__always)
  private func table(zone: Int, worker: Int) -> Table? {
    let index = zone &* workerCount &+ worker
    guard worker >= 0, worker < workerCount, tables.indices.contains(index) else { return nil }
    return tables[index]
  }

  /// The octets of the reply as it will be finished. The computed properties of an exchange cost a
  /// copy of it, so they are left for the rare cases.
  private static func replySize(_ exchange: inout Exchange) -> Int {
    var size = exchange.reply.count
    if exchange.extendedError != nil {
      size = exchange.replyOctetCount
    } else if exchange.edns != nil {
      size &+= WireLimits.optOctetCount
    }
    // A reply that came by an upstream may still have to be cut to what the client can take.
    return size > WireLimits.plainPayloadOctetCount ? min(size, exchange.replySizeMax) : size
  }

  private static func transport(_ exchange: inout Exchange) -> Int {
    switch exchange.transport {
    case .udp: 0
    case .tcp: 1
    }
  }

  private static func family(_ exchange: inout Exchange) -> Int {
    switch exchange.client.address.family {
    case .v4: 0
    case .v6: 1
    }
  }

  // MARK: - Reading

  /// The sum over all workers of each number of a zone, by the places of `QueryLayout`; from any
  /// thread.
  func totals(zone: Int) -> [Int] {
    var totals = Array(repeating: 0, count: QueryLayout.placeCount)
    for worker in 0..<workerCount {
      guard let table = table(zone: zone, worker: worker) else { continue }
      for place in totals.indices {
        totals[place] &+= table.numbers[place].load(ordering: .relaxed)
      }
    }
    return totals
  }

  // MARK: - Plugins

  /// The names of plugins that replies are counted by; the first is for those of the server itself.
  static let plugins = [""] + pluginOrder.map(\.name).prefix(QueryLayout.pluginCountMax - 1)

  /// The place of a plugin in `plugins`; that of the server when it has none.
  static func number(ofPlugin name: String) -> UInt8 {
    UInt8(truncatingIfNeeded: plugins.firstIndex(of: name) ?? 0)
  }
}
