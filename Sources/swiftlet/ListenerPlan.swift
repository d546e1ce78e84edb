import Corefile
import DNSWire
import PluginChain
import Plugins
import Server
import Sockets

/// Turns server blocks into listeners: which addresses and ports, and which zones on each.
///
/// A block without `bind` listens on every address: `0.0.0.0` and, where there is IPv6, `::`.
/// Throws when two blocks want the same zone in the same place, or an interface does not exist.
func planListeners(
  _ blocks: [BlockPlan], ownZones: [DomainName], defaultPort: UInt16
) throws(StartError) -> [Listener] {
  do {
    return try listeners(blocks, ownZones: ownZones, defaultPort: defaultPort)
  } catch {
    throw StartError(error.description)
  }
}

/// The listeners, or what is wrong with them and where; offline, where interfaces are those of
/// another machine, it is no error that one does not exist.
func listeners(
  _ blocks: [BlockPlan], ownZones: [DomainName], defaultPort: UInt16, isOffline: Bool = false
) throws(Diagnostic) -> [Listener] {
  var routes: [SocketAddress: [(zone: DomainName, chain: Chain)]] = [:]
  var timeouts: [SocketAddress: StreamTimeouts] = [:]
  var unrouted: [SocketAddress: Chain] = [:]
  var order: [SocketAddress] = []
  var places: [SocketAddress: [DomainName: SourcePosition]] = [:]
  let interfaces = InterfaceAddress.all()
  for block in blocks {
    let hosts = try boundAddresses(block, interfaces, isOffline: isOffline)
    for (address, zone) in zip(block.addresses, block.zones) {
      for host in hosts {
        var target = host
        target.port = address.port ?? defaultPort
        if let earlier = places[target]?[zone] {
          throw Diagnostic(
            at: address.position,
            "the zone \(zone) on port \(target.port) is already "
              + "served by the server block at \(earlier)")
        }
        places[target, default: [:]][zone] = address.position
        if routes[target] == nil { order.append(target) }
        routes[target, default: []].append((zone, block.chain))
        unrouted[target] = unrouted[target] ?? block.unrouted
        timeouts[target] = block.timeouts.tightened(by: timeouts[target] ?? StreamTimeouts())
      }
    }
  }
  return order.map { address in
    Listener(
      address,
      RouteTable(routes[address] ?? [], ownZones: ownZones, unrouted: unrouted[address]),
      isOptional: address.isV6 && address.isWildcard,
      timeouts: timeouts[address] ?? StreamTimeouts())
  }
}

/// The addresses that a block's `bind` comes to, port 0.
private func boundAddresses(
  _ block: BlockPlan, _ interfaces: [InterfaceAddress], isOffline: Bool
) throws(Diagnostic) -> [SocketAddress] {
  if block.bindings.isEmpty {
    return [.wildcard(isV6: false, port: 0), .wildcard(isV6: true, port: 0)]
  }
  var result: [SocketAddress] = []
  var excluded: [SocketAddress] = []
  for token in block.bindingExceptions {
    excluded += try resolve(token, interfaces, isOffline: isOffline)
  }
  for token in block.bindings {
    for address in try resolve(token, interfaces, isOffline: isOffline)
    where !excluded.contains(address) && !result.contains(address) {
      result.append(address)
    }
  }
  return result
}

/// An address, or the addresses of an interface.
private func resolve(
  _ token: Token, _ interfaces: [InterfaceAddress], isOffline: Bool
) throws(Diagnostic) -> [SocketAddress] {
  // `fe80::1%eth0` names the interface of a link-local address.
  let parts = token.text.split(separator: "%", maxSplits: 1)
  if let text = parts.first, let address = IPAddress(text: text) {
    let scope =
      parts.count > 1
      ? interfaces.first { $0.interface == parts[1] && $0.address.scope != 0 }?.address.scope ?? 0
      : 0
    return [
      SocketAddress(
        isV6: address.family == .v6, high: address.high, low: address.low, port: 0, scope: scope)
    ]
  }
  let found = interfaces.filter { $0.interface == token.text }.map(\.address)
  guard !found.isEmpty || isOffline else {
    throw token.error(
      "found \"\(token.text)\", expected an IP address or the name of an interface that is up")
  }
  return found
}
