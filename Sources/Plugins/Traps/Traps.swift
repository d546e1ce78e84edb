import Corefile

/// What Corefiles without an error are often wrong about; `swiftlet check` tells, serving does not.
/// Each trap looks at one server block and knows the others.
private let traps: [@Sendable (TrapBlock, TrapView) -> [Diagnostic]] = [
  ForwardTraps.loops, ForwardTraps.shadows, ForwardTraps.loopWithoutUpstream,
  KubernetesTraps.allNames, KubernetesTraps.reverseZones, KubernetesTraps.openFallthrough,
  KubernetesTraps.unneededCaching, KubernetesTraps.probes, PlaceTraps.absentAddresses,
  PlaceTraps.hiddenMetrics, TemplateTraps.deniedTypes, HostsTraps.hiddenPlugins,
]

/// The traps in a Corefile's server blocks: warnings and infos, in no particular order.
///
/// `machine` is the one that the Corefile is checked on, which need not be the one it is for.
package func findTraps(
  _ blocks: [ServerBlock], defaultPort: UInt16 = 53, machine: TrapMachine
) -> [Diagnostic] {
  let view = TrapView(
    blocks: blocks.enumerated().map { TrapBlock($1, index: $0, defaultPort: defaultPort) },
    machine: machine)
  return view.blocks.flatMap { block in traps.flatMap { $0(block, view) } }
}
