import CLinux
import Glibc

/// An address of a network interface of this machine.
package struct InterfaceAddress: Hashable, Sendable {
  /// The interface's name.
  package let interface: String
  /// The address, with port 0; link-local ones carry their scope.
  package let address: SocketAddress
  /// Whether the interface is the loopback.
  package let isLoopback: Bool

  /// The addresses of all interfaces that are up, in the system's order; empty when the system
  /// cannot say.
  package static func all() -> [InterfaceAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return [] }
    defer { unsafe freeifaddrs(list) }
    var result: [InterfaceAddress] = []
    var node = unsafe list
    // SAFETY: the list is getifaddrs's own until it is freed; every entry is a whole sockaddr of
    // its family.
    while let entry = unsafe node?.pointee {
      unsafe node = entry.ifa_next
      guard let address = unsafe entry.ifa_addr else { continue }
      let family = unsafe Int32(address.pointee.sa_family)
      guard family == AF_INET || family == AF_INET6, unsafe entry.ifa_flags & UInt32(IFF_UP) != 0
      else { continue }
      var storage = sockaddr_storage()
      let size =
        family == AF_INET
        ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
      unsafe memcpy(&storage, address, size)
      let parsed = unsafe withUnsafeBytes(of: &storage) { octets -> SocketAddress in
        guard let start = octets.baseAddress else { return .wildcard(isV6: false, port: 0) }
        return unsafe SocketAddress(kernelForm: start)
      }
      result.append(
        InterfaceAddress(
          interface: unsafe String(cString: entry.ifa_name), address: parsed,
          isLoopback: unsafe entry.ifa_flags & UInt32(IFF_LOOPBACK) != 0))
    }
    return result
  }
}
