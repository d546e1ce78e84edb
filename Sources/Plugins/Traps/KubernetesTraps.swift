import Corefile
import DNSWire

/// Traps of `kubernetes` and of what stands beside it.
enum KubernetesTraps {
  private static let wholeReverseZones = ["in-addr.arpa.", "ip6.arpa."].compactMap {
    DomainName(text: $0)
  }

  /// No zones in a block for all names: the plugin is then authoritative for everything.
  @Sendable static func allNames(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    guard block.hasUpstreams, block.places.contains(where: { $0.zone == .root }) else { return [] }
    return block.directives("kubernetes").filter {
      $0.arguments.isEmpty && $0.options("fallthrough").isEmpty
    }.map {
      Diagnostic(
        .warning, at: $0.position,
        "kubernetes without zones answers for all names of the server block, so that nothing gets "
          + "to forward; name the cluster's zone, such as cluster.local")
    }
  }

  /// All reverse names, and none of them handed on.
  @Sendable static func reverseZones(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    guard block.hasUpstreams else { return [] }
    return block.directives("kubernetes").flatMap { directive in
      let handedOn = handedOn(directive)
      return directive.arguments.filter { token in
        [token].trapZones.contains { zone in
          wholeReverseZones.contains(zone) && !handedOn.contains { zone.isAtOrBelow($0) }
        }
      }.map { token in
        Diagnostic(
          .warning, at: token.position,
          "addresses in \(token.text) that are not the cluster's are denied and never get to "
            + "forward: expected the option fallthrough \(token.text)")
      }
    }
  }

  /// Every missing name of the cluster goes to the upstreams.
  @Sendable static func openFallthrough(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    guard block.hasUpstreams else { return [] }
    return block.directives("kubernetes").filter { !$0.arguments.isEmpty }.flatMap {
      $0.options("fallthrough").filter(\.arguments.isEmpty)
    }.map {
      Diagnostic(
        .info, at: $0.position,
        "without zones fallthrough sends names of the cluster that do not exist to forward too, "
          + "search lists included; in-addr.arpa ip6.arpa is the usual choice")
    }
  }

  /// A `cache` that does not leave out the cluster, which CoreDNS's users are used to worry about.
  @Sendable static func unneededCaching(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    guard !block.directives("kubernetes").isEmpty else { return [] }
    return block.directives("cache").filter { $0.options("disable").isEmpty }.map {
      Diagnostic(
        .info, at: $0.position,
        "fine here: names of the cluster are never cached, with the option disable or without")
    }
  }

  /// No health, ready or reload in the whole Corefile.
  @Sendable static func probes(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    let first = view.blocks.first { !$0.directives("kubernetes").isEmpty }
    guard first?.index == block.index, let directive = block.directives("kubernetes").first else {
      return []
    }
    let missing = ["health", "ready", "reload"].filter { name in
      view.blocks.allSatisfy { $0.directives(name).isEmpty }
    }
    guard !missing.isEmpty else { return [] }
    return [
      Diagnostic(
        .info, at: directive.position,
        "no server block has \(missing.joined(separator: ", ")): in a pod they are what probes "
          + "and changed Corefiles need")
    ]
  }

  /// The zones of `fallthrough`; the root without any.
  private static func handedOn(_ directive: Directive) -> [DomainName] {
    directive.options("fallthrough").flatMap { option in
      option.arguments.isEmpty ? [.root] : option.arguments.trapZones
    }
  }
}
