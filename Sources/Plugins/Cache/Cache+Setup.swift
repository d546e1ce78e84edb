import Corefile
import DNSWire
import PluginChain

extension Cache {
  /// `cache [TTL] [ZONES...] { ... }`; docs/plugins/cache.md lists the options.
  package static let definition = PluginDefinition("cache") {
    (directive, block, setup) throws(Diagnostic) in
    let configuration = try CacheConfiguration(directive)
    let store = CacheStore(configuration.policy)
    let counters = CacheCounters(workerCount: setup.workerCount)
    let zones = configuration.zoneNames.isEmpty ? block.zones : configuration.zoneNames
    setup.metrics += counters.families(
      store, server: serverName(block.block),
      zones: zones.map(\.description).joined(separator: ","))
    block.factories.append { next in
      Cache(configuration, store: store, counters: counters, next: next)
    }
  }

  /// The server block's name among metrics: its first address, `dns://:53`.
  private static func serverName(_ block: ServerBlock) -> String {
    let address = block.addresses.first
    return "\(address?.scheme.rawValue ?? "dns")://:\(address?.port ?? 53)"
  }
}
