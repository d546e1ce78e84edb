import CLinux
import Glibc

extension TCPStream {
  /// Starts to connect to `peer`, without waiting; from `source`, whose port is not used, or from
  /// the address that routing chooses. When the stream is writable, `connectionFailure` tells.
  ///
  /// - Throws: what is known at once: no descriptor, no route, refused.
  package convenience init(
    connectingTo peer: SocketAddress, source: SocketAddress?
  ) throws(SystemError) {
    let descriptor = try openSocket(peer, Int32(SOCK_STREAM.rawValue))
    if let source {
      // The port is chosen on connecting, so that one port can serve connections to many peers.
      try setOption(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
      try bindSource(descriptor, source)
    }
    guard try startConnecting(descriptor, peer) else { throw SystemError("connect", code: EAGAIN) }
    self.init(descriptor: descriptor)
  }

  /// Why connecting, or the connection, failed: asked once the stream is writable; `nil` when all
  /// is well. Asking clears it.
  package func connectionFailure() -> SystemError? {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    // SAFETY: the kernel writes one Int32, whose size is passed.
    guard unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
      return SystemError("getsockopt")
    }
    return code == 0 ? nil : SystemError("connect", code: code)
  }
}

/// Binds a client's socket to an address of this host, with a port that the kernel chooses.
func bindSource(
  _ descriptor: borrowing FileDescriptor, _ source: SocketAddress
) throws(SystemError) {
  let number = descriptor.number
  var address = source
  address.port = 0
  _ = try systemCall("bind") {
    // SAFETY: the kernel's form lives for the call and its length is passed.
    unsafe withKernelForm(address) { unsafe bind(number, $0, $1) }
  }
}

/// Connects or starts to; false when the kernel has no port to give.
func startConnecting(
  _ descriptor: borrowing FileDescriptor, _ peer: SocketAddress
) throws(SystemError) -> Bool {
  let number = descriptor.number
  do {
    let result = try systemCall("connect") {
      // SAFETY: the kernel's form lives for the call and its length is passed.
      unsafe withKernelForm(peer) { unsafe connect(number, $0, $1) }
    }
    return result != nil
  } catch {
    // EALREADY: a signal came between, and connecting goes on.
    if error.code == EINPROGRESS || error.code == EALREADY { return true }
    throw error
  }
}
