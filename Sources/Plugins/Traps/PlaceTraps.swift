import Corefile
import DNSWire

/// Traps of where the server listens.
enum PlaceTraps {
  /// Addresses of `bind` that this machine does not have.
  @Sendable static func absentAddresses(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    guard !view.machine.addresses.isEmpty else { return [] }
    return block.bindings.filter { token in
      guard let address = IPAddress(text: token.text) else { return false }
      return !address.isLoopback && !address.isWildcard && !view.machine.addresses.contains(address)
    }.map {
      Diagnostic(
        .info, at: $0.position,
        "no interface of this machine has \($0.text): the server starts only where one has")
    }
  }

  /// Metrics that nobody outside of the pod can read.
  @Sendable static func hiddenMetrics(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    guard view.blocks.contains(where: { !$0.directives("kubernetes").isEmpty }) else { return [] }
    return block.directives("prometheus").filter(\.arguments.isEmpty).map {
      Diagnostic(
        .info, at: $0.position,
        "prometheus without an address is localhost:9153, which only the pod itself can read; "
          + "\":9153\" is for all")
    }
  }
}
