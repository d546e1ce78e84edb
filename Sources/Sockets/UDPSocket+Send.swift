import CLinux
import Glibc

extension UDPSocket {
  /// Sends one datagram to `client`, from `source` when the socket is bound to every address.
  /// For replies that come late; batches use `DatagramBatch`. A refusal drops the datagram.
  package func send(
    _ octets: borrowing Span<UInt8>, to client: SocketAddress, from source: SocketAddress
  ) {
    var name = client.kernelForm
    var control = [UInt8](repeating: 0, count: 64)
    unsafe octets.withUnsafeBytes { data in
      // The kernel only reads it.
      var vector = unsafe iovec(
        iov_base: UnsafeMutableRawPointer(mutating: data.baseAddress), iov_len: data.count)
      unsafe withUnsafeMutablePointer(to: &vector) { vectors in
        unsafe withUnsafeMutablePointer(to: &name) { names in
          unsafe control.withUnsafeMutableBytes { controls in
            var message = unsafe msghdr()
            unsafe message.msg_name = UnsafeMutableRawPointer(names)
            unsafe message.msg_namelen = client.kernelLength
            unsafe message.msg_iov = vectors
            unsafe message.msg_iovlen = 1
            if needsPacketInfo { unsafe Self.nameSource(source, client.scope, controls, &message) }
            unsafe _ = sendmsg(number, &message, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
          }
        }
      }
    }
  }

  /// Puts the source address into the control data. SAFETY: `controls` has room for one message of
  /// either family (64 octets).
  @unsafe private static func nameSource(
    _ source: SocketAddress, _ scope: UInt32, _ controls: UnsafeMutableRawBufferPointer,
    _ message: inout msghdr
  ) {
    let size = source.isV6 ? MemoryLayout<in6_pktinfo>.size : MemoryLayout<in_pktinfo>.size
    unsafe message.msg_control = controls.baseAddress
    unsafe message.msg_controllen = clinux_cmsg_space(size)
    guard let header = unsafe clinux_cmsg_first(&message),
      let data = unsafe clinux_cmsg_data(header)
    else { return }
    unsafe header.pointee.cmsg_len = clinux_cmsg_len(size)
    if source.isV6 {
      unsafe header.pointee.cmsg_level = Int32(IPPROTO_IPV6)
      unsafe header.pointee.cmsg_type = IPV6_PKTINFO
      unsafe data.storeBytes(of: source.high.bigEndian, as: UInt64.self)
      unsafe data.storeBytes(of: source.low.bigEndian, toByteOffset: 8, as: UInt64.self)
      unsafe data.storeBytes(of: scope, toByteOffset: 16, as: UInt32.self)
    } else {
      let address = UInt32(truncatingIfNeeded: source.high >> 32).bigEndian
      unsafe header.pointee.cmsg_level = Int32(IPPROTO_IP)
      unsafe header.pointee.cmsg_type = IP_PKTINFO
      unsafe data.storeBytes(of: address, toByteOffset: 4, as: UInt32.self)
    }
  }
}
