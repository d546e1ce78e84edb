import Corefile
import DNSWire

/// Traps of `hosts`.
enum HostsTraps {
  /// `hosts` without `fallthrough` above plugins that answer for the same zones: it fails all names
  /// that it does not have.
  @Sendable static func hiddenPlugins(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    let below = ["kubernetes", "forward", "grpc", "file"].filter { !block.directives($0).isEmpty }
    guard !below.isEmpty else { return [] }
    return block.directives("hosts").compactMap { directive in
      let zones = directive.arguments.dropFirst().trapZones
      let isWhole =
        zones.isEmpty
        || block.places.contains { place in
          zones.contains { place.zone.isAtOrBelow($0) }
        }
      guard isWhole, directive.options("fallthrough").isEmpty else { return nil }
      return Diagnostic(
        .warning, at: directive.position,
        "without fallthrough hosts fails every name that it does not have: "
          + "\(below.joined(separator: " and ")) will not be asked")
    }
  }
}
