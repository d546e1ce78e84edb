import Cluster
import Corefile
import DNSWire
import PluginChain
import Sockets

extension Kubernetes {
  /// `kubernetes [ZONES...] { ... }`; docs/plugins/kubernetes.md lists the options.
  package static let definition = PluginDefinition("kubernetes") {
    (directive, block, setup) throws(Diagnostic) in
    let configuration = try KubernetesConfiguration(directive, block)
    let (bindings, log, version) = (block.bindings.map(\.text), setup.log, setup.version)
    let words = block.key(directive, configuration.zones.map(\.description) + bindings)
    let (key, source) = setup.kept.named(words) {
      ClusterSource(configuration, bindings: bindings, version: version, log: log)
    }
    setup.diagnostics += configuration.warnings
    guard let records = source.records else {
      throw directive.error("no address space for the record store")
    }
    let options = configuration.options
    let zones = configuration.storeZones
    let handsOn = configuration.handsOn
    let rewrites = block.block.directives.contains(where: Rewrite.changesQuestions)
    block.factories.append { next in
      Kubernetes(
        records: records, zones: zones, handsOn: handsOn, options: options,
        leavesAliases: rewrites, source: source, next: next)
    }
    setup.parts.append(
      Part(
        name: "kubernetes", key: key,
        prepare: { mode in try await source.prepare(mode) },
        run: { await source.run() }))
    setup.ownZones.add(zones.map(\.zone))
    setup.exporters.append(source)
    setup.metrics += source.metrics
    setup.readinessChecks.append(
      ReadinessCheck(name: "kubernetes") { source.isReady })
  }
}
