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
    // What answers below, and for whom, is part of what the answers mean.
    let lower = Set(pluginOrder.map(\.name).drop { $0 != "cache" }.dropFirst())
    let below = block.block.directives.filter { lower.contains($0.name.text) }.map(\.text)
    let key = block.key(directive, zones.map(\.description) + block.places + below)
    let (store, counters) = setup.kept.value(key) {
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
