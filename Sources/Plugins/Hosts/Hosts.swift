import DNSWire
import PluginChain

/// `hosts`: answers names and addresses from a file like hosts(5) and from lines of the Corefile.
///
/// Everything is answered from the worker's own `HostTable`, synchronously and without allocation.
/// A name that is in the table exists, for every type. There is no SOA record to deny a name with:
/// one that is not in the table is handed on or, without `fallthrough`, fails, as in CoreDNS.
final class Hosts: Handler, @unchecked Sendable {
  private let configuration: HostsConfiguration
  private let zones: ZoneIndex
  private let residents: [HostsResident]

  /// `in-addr.arpa.` and `ip6.arpa.`, in the order of `ReverseName`'s families.
  private let reverseZones = ReverseName.zones

  /// A handler over one resident per worker.
  init(_ configuration: HostsConfiguration, residents: [HostsResident], next: Handler?) {
    self.configuration = configuration
    zones = ZoneIndex(configuration.zones)
    self.residents = residents
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    // Addresses have names whether their reverse zones are among the zones or not.
    guard exchange.type == .ptr || zones.match(exchange.name) != nil,
      residents.indices.contains(exchange.worker)
    else { return passOn(&exchange) }
    let resident = residents[exchange.worker]
    resident.follow()
    return respond(&exchange, resident.table) ? answered(&exchange) : passOn(&exchange)
  }

  /// Writes the reply; `false` when the query is to go on, with nothing written.
  private func respond(_ exchange: inout Exchange, _ table: borrowing HostTable) -> Bool {
    if exchange.type == .ptr { return respondWithNames(&exchange, table) }
    guard let last = table.find(exchange.name) else {
      if configuration.handsOn.covers(exchange.name) { return false }
      exchange.fail(.serverFailure, .other, "hosts does not have this name")
      return true
    }
    let counts = table.addressCounts(last)
    switch exchange.type {
    case .any where counts.v4 > 0, .a:
      appendAddresses(&exchange, table, last, .v4, counts.v4)
    case .aaaa, .any:
      // RFC 8482 §4.1: one RRset is answer enough to ANY.
      appendAddresses(&exchange, table, last, .v6, counts.v6)
    default:
      if configuration.handsOnOtherTypes, configuration.handsOn.covers(exchange.name) {
        return false
      }
    }
    exchange.reply.isAuthoritative = true
    return true
  }

  private func appendAddresses(
    _ exchange: inout Exchange, _ table: borrowing HostTable, _ last: Int,
    _ family: IPAddress.Family, _ count: Int
  ) {
    guard count > 0 else { return }
    table.appendAddresses(
      last, family, count: count, to: &exchange.reply, ttl: configuration.ttl,
      rotation: exchange.rotation)
  }

  private func respondWithNames(
    _ exchange: inout Exchange, _ table: borrowing HostTable
  ) -> Bool {
    guard let zone = reverseZones.match(exchange.name),
      let address = ReverseName.address(exchange.name, zone),
      let last = table.find(address)
    else { return false }
    exchange.reply.isAuthoritative = true
    table.appendNames(last, to: &exchange.reply, ttl: configuration.ttl)
    return true
  }
}
