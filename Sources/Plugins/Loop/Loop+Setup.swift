import Corefile
import DNSWire
import PluginChain

extension Loop {
  /// `loop`; it has no arguments.
  package static let definition = PluginDefinition("loop") {
    (directive, block, setup) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    try directive.requireNoOptions()
    let origin = block.zones.first ?? .root
    let zone = origin.description
    let log = setup.log
    let watch = setup.kept.value(block.key(directive, [zone])) { LoopWatch(zone: zone, log: log) }
    block.factories.append { Loop(watch: watch, zone: origin, next: $0) }
    let server = block.serverLabel
    setup.metrics.append(
      MetricFamily(
        .gauge, "swiftlet_loop_upstreams", "Upstreams set aside since they lead back here."
      ) {
        [.init([("server", server), ("zone", zone)], Double(watch.looping.count))]
      })
    setup.metrics.append(
      MetricFamily(
        .counter, "swiftlet_loop_probes_returned_total", "Loop probes that came back."
      ) {
        [.init([("server", server), ("zone", zone)], Double(watch.returnCount))]
      })
  }
}
