import Corefile
import DNSWire
import Sockets
import Upstreams

/// Traps of `forward` and `loop`.
enum ForwardTraps {
  /// Targets that are this server again.
  @Sendable static func loops(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    var result: [Diagnostic] = []
    for directive in block.directives("forward") {
      guard let configuration = try? ForwardConfiguration(directive) else { continue }
      let names = arriving(at: block, configuration)
      func isLoop(_ address: IPAddress, _ port: UInt16) -> Bool {
        names.contains { view.leads($0, to: address, port, block: block.index) }
      }
      for target in configuration.targets where target.transport == .plain {
        switch target.place {
        case .host: break
        case .address(let address):
          guard isLoop(address.host, address.port) else { continue }
          result.append(
            Diagnostic(
              .warning, at: target.token.position,
              "\(address.host) with port \(address.port) is this server block itself: "
                + "queries would go round in a loop"))
        case .file(let path):
          let servers = view.machine.nameServers(path).filter(\.isLoopback)
          guard let server = servers.first else { continue }
          let found = "\(path) on this machine names \(server)"
          result.append(
            isLoop(server, ForwardTarget.plainPort)
              ? Diagnostic(
                .warning, at: target.token.position,
                "\(found), which is this server block itself: queries would go round in a loop")
              : Diagnostic(
                .info, at: target.token.position,
                "\(found), a resolver that a container would not reach"))
        }
      }
    }
    return result
  }

  /// The names that stand for all that the block gets and the directive forwards.
  private static func arriving(
    at block: TrapBlock, _ configuration: ForwardConfiguration
  ) -> [DomainName] {
    block.places.flatMap { place in
      configuration.from.map(\.lowercased).compactMap { from in
        if from.isAtOrBelow(place.zone) { return from }
        return place.zone.isAtOrBelow(from) ? place.zone : nil
      }
    }
  }

  /// A `forward` behind one that takes all its names.
  @Sendable static func shadows(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    var earlier: [(directive: Directive, configuration: ForwardConfiguration)] = []
    var result: [Diagnostic] = []
    for directive in block.directives("forward") {
      guard let configuration = try? ForwardConfiguration(directive) else { continue }
      if let taker = earlier.first(where: { $0.configuration.takesAll(of: configuration) }) {
        let position = taker.directive.position
        result.append(
          Diagnostic(
            .warning, at: directive.position,
            "this forward is never asked: the one in line \(position.line) comes first and takes "
              + "its names; put the zone before those above it"))
      }
      earlier.append((directive, configuration))
    }
    return result
  }

  /// `loop` where no query leaves the server.
  @Sendable static func loopWithoutUpstream(
    _ block: TrapBlock, _ view: TrapView
  ) -> [Diagnostic] {
    guard !block.hasUpstreams else { return [] }
    return block.directives("loop").map {
      Diagnostic(
        .warning, at: $0.position, "loop has nothing to find: this server block has no forward")
    }
  }
}

extension ForwardConfiguration {
  /// Whether nothing of `other`'s names gets past this one.
  fileprivate func takesAll(of other: ForwardConfiguration) -> Bool {
    guard nextCodes.isEmpty, !nextOnNoData else { return false }
    return other.from.allSatisfy { name in
      from.contains { name.isAtOrBelow($0) }
        && !exceptZones.contains { name.isAtOrBelow($0) || $0.isAtOrBelow(name) }
    }
  }
}
