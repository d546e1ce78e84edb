import CLinux
import Glibc

/// Opens a non-blocking socket.
func openSocket(_ address: SocketAddress, _ type: Int32) throws(SystemError) -> FileDescriptor {
  let flags = type | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
  let number = try systemCall("socket") { socket(address.family, flags, 0) } ?? -1
  return FileDescriptor(owning: number)
}

/// Sets a whole-number socket option.
func setOption(
  _ descriptor: borrowing FileDescriptor, _ level: Int32, _ name: Int32, _ value: Int32
) throws(SystemError) {
  let number = descriptor.number
  var value = value
  let size = socklen_t(MemoryLayout<Int32>.size)
  _ = try systemCall("setsockopt") { unsafe setsockopt(number, level, name, &value, size) }
}

/// Binds a listening socket to `address`: shared by the workers, and IPv6 apart from IPv4, so that
/// both wildcards can be bound and addresses are never mapped.
func bindListener(
  _ descriptor: borrowing FileDescriptor, _ address: SocketAddress
) throws(SystemError) {
  if address.isV6 { try setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
  // A port that the system chooses must be nobody's: among sockets that share it would take any.
  if address.port != 0 { try share(descriptor) }
  let number = descriptor.number
  _ = try systemCall("bind") {
    unsafe withKernelForm(address) { unsafe bind(number, $0, $1) }
  }
  if address.port == 0 { try share(descriptor) }
}

/// Lets other sockets of ours bind to the same address and port.
private func share(_ descriptor: borrowing FileDescriptor) throws(SystemError) {
  try setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
  try setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
}

/// The address and port that a socket is bound to.
func localAddress(_ descriptor: borrowing FileDescriptor) throws(SystemError) -> SocketAddress {
  let number = descriptor.number
  var storage = sockaddr_storage()
  var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
  _ = try systemCall("getsockname") {
    unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      // SAFETY: every sockaddr form starts with the members of sockaddr.
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(number, $0, &length)
      }
    }
  }
  return unsafe withUnsafeBytes(of: &storage) { octets in
    guard let start = octets.baseAddress else { return .wildcard(isV6: false, port: 0) }
    return unsafe SocketAddress(kernelForm: start)
  }
}
