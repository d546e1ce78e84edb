import DNSWire
import Sockets

/// What traps ask the machine that a Corefile is checked on.
package struct TrapMachine: Sendable {
  /// The addresses of its interfaces; empty when nothing is known of them.
  package let addresses: Set<IPAddress>
  /// The name servers of a file in the format of resolv.conf(5); none when it cannot be read.
  package let nameServers: @Sendable (String) -> [IPAddress]

  /// A machine; tests make them up.
  package init(
    addresses: Set<IPAddress>, nameServers: @escaping @Sendable (String) -> [IPAddress]
  ) {
    self.addresses = addresses
    self.nameServers = nameServers
  }

  /// This machine.
  package static var here: TrapMachine {
    let interfaces = InterfaceAddress.all()
    return TrapMachine(addresses: Set(interfaces.map(\.address.host))) { path in
      ((try? ResolvConf.read(path))?.servers ?? []).map(\.host)
    }
  }
}
