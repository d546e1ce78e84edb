import Corefile
import DNSWire
import PluginChain
import Plugins
import Server

/// The server blocks of one port, and which of them gets a name.
struct Router {
  /// A zone and the block that it leads to.
  struct Route {
    let zone: DomainName
    /// The place of the block in the Corefile.
    let number: Int
    let block: BlockPlan
  }

  /// The port.
  let port: UInt16
  /// Every zone of the port, in the order of the text.
  let routes: [Route]
  /// The same as the server has it.
  let table: RouteTable

  /// Routes of `port`, or of the first block's port; blocks that name none are on `defaultPort`.
  /// Addresses of `bind` make no difference here.
  init(
    _ loaded: LoadedCorefile, port: UInt16?, defaultPort: UInt16
  ) throws(StartError) {
    let all = loaded.blocks.enumerated().flatMap { number, block in
      zip(block.addresses, block.zones).map { address, zone in
        (port: address.port ?? defaultPort, route: Route(zone: zone, number: number, block: block))
      }
    }
    guard let first = all.first else {
      throw StartError("\(loaded.path): there is no server block")
    }
    let asked = port ?? first.port
    routes = all.filter { $0.port == asked }.map(\.route)
    self.port = asked
    guard !routes.isEmpty else {
      throw StartError("\(loaded.path): no server block is on port \(asked)")
    }
    table = RouteTable(
      routes.map { ($0.zone, $0.block.chain) }, ownZones: loaded.setup.ownZones.zones)
  }

  /// The route that gets `name`: that of the longest zone; of equal ones the first.
  func route(for name: DomainName) -> Route? {
    var best: Route?
    for route in routes where name.isAtOrBelow(route.zone) {
      if let best, best.zone.labelCount >= route.zone.labelCount { continue }
      best = route
    }
    return best
  }
}

extension BlockPlan {
  /// The keys as written.
  var title: String { block.keys.map(\.text).joined(separator: " ") }

  /// The plugins of the chain from the top down, with their arguments as written.
  var chainLines: [String] {
    var used: [String: Int] = [:]
    return chain.pluginNames.map { name in
      let written = block.directives.filter {
        (deprecatedPluginNames[$0.name.text] ?? $0.name.text) == name
      }
      let place = used[name, default: 0]
      used[name] = place + 1
      guard written.indices.contains(place) else { return name }
      return ([name] + written[place].arguments.map(\.text)).joined(separator: " ")
    }
  }
}
