import Corefile
import DNSWire
import PluginChain

extension Cache {
  /// `cache [TTL] [ZONES...] { ... }`; docs/plugins/cache.md lists the options.
  package static let definition = PluginDefinition("cache") {
    (directive, block, setup) throws(Diagnostic) in
    let configuration = try CacheConfiguration(directive)
    let zones = configuration.zoneNames.isEmpty ? block.zones : configuration.zoneNames
    let workerCount = setup.workerCount
    let (store, counters) = setup.kept.value(block.key(directive, zones.map(\.description))) {
      (CacheStore(configuration.policy), CacheCounters(workerCount: workerCount))
    }
    setup.metrics += counters.families(
      store, server: block.serverLabel,
      zones: zones.map(\.description).joined(separator: ","))
    block.factories.append { next in
      Cache(configuration, store: store, counters: counters, next: next)
    }
  }
}
