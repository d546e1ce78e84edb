import CLinux
import Glibc

/// Buffers and message headers for one batch: receive up to `slotCount` datagrams with one call,
/// write each reply in place, send all with one call. One worker's own; nothing is allocated after
/// `init`.
///
/// The argument for safety: all blocks are allocated in `init` for `slotCount` elements and freed
/// in `deinit`; the headers only ever point into them; every access checks its slot.
@safe @usableFromInline
package struct DatagramBatch: ~Copyable {
  /// Octets of a receive buffer: the largest datagram there is.
  @usableFromInline package static let queryOctetCountMax = 65_535
  /// Octets of a reply buffer: the largest payload `bufsize` allows.
  package static let replyOctetCountMax = 4096
  private static let controlOctetCount = 64
  private static let nameOctetCount = MemoryLayout<sockaddr_storage>.stride

  @usableFromInline let slotCount: Int
  @usableFromInline let queries: UnsafeMutableRawPointer
  private let replies: UnsafeMutablePointer<UInt8>
  private let names: UnsafeMutableRawPointer
  private let controls: UnsafeMutableRawPointer
  private let receiveVectors: UnsafeMutablePointer<iovec>
  private let sendVectors: UnsafeMutablePointer<iovec>
  @usableFromInline let received: UnsafeMutablePointer<mmsghdr>
  private let outgoing: UnsafeMutablePointer<mmsghdr>
  private var outgoingCount = 0
  /// Replies that the kernel did not take since the start: full queues, unreachable clients.
  package private(set) var droppedReplyCount: UInt64 = 0

  /// Buffers for `slotCount` datagrams (1...64).
  package init(slotCount wish: Int) {
    let slotCount = min(max(wish, 1), 64)
    self.slotCount = slotCount
    unsafe queries = .allocate(byteCount: slotCount * Self.queryOctetCountMax, alignment: 64)
    unsafe replies = .allocate(capacity: slotCount * Self.replyOctetCountMax)
    unsafe names = .allocate(byteCount: slotCount * Self.nameOctetCount, alignment: 64)
    unsafe controls = .allocate(byteCount: slotCount * Self.controlOctetCount, alignment: 64)
    unsafe receiveVectors = .allocate(capacity: slotCount)
    unsafe sendVectors = .allocate(capacity: slotCount)
    unsafe received = .allocate(capacity: slotCount)
    unsafe outgoing = .allocate(capacity: slotCount)
    unsafe names.initializeMemory(
      as: UInt8.self, repeating: 0, count: slotCount * Self.nameOctetCount)
    unsafe controls.initializeMemory(
      as: UInt8.self, repeating: 0, count: slotCount * Self.controlOctetCount)
    for slot in 0..<slotCount {
      unsafe receiveVectors[slot] = iovec(
        iov_base: queries + slot * Self.queryOctetCountMax, iov_len: Self.queryOctetCountMax)
      unsafe sendVectors[slot] = iovec(iov_base: nil, iov_len: 0)
      unsafe received[slot] = mmsghdr()
      unsafe received[slot].msg_hdr.msg_name = names + slot * Self.nameOctetCount
      unsafe received[slot].msg_hdr.msg_iov = receiveVectors + slot
      unsafe received[slot].msg_hdr.msg_iovlen = 1
      unsafe outgoing[slot] = mmsghdr()
    }
  }

  deinit {
    unsafe queries.deallocate()
    unsafe replies.deallocate()
    unsafe names.deallocate()
    unsafe controls.deallocate()
    unsafe receiveVectors.deallocate()
    unsafe sendVectors.deallocate()
    unsafe received.deallocate()
    unsafe outgoing.deallocate()
  }

  /// Datagrams that one call can take.
  package var capacity: Int { slotCount }

  /// Receives what is there, without waiting: the number of slots filled, from slot 0.
  package mutating func receive(from socket: borrowing UDPSocket) -> Int {
    outgoingCount = 0
    for slot in 0..<slotCount {
      unsafe received[slot].msg_hdr.msg_namelen = socklen_t(Self.nameOctetCount)
      if socket.needsPacketInfo {
        unsafe received[slot].msg_hdr.msg_control = controls + slot * Self.controlOctetCount
        unsafe received[slot].msg_hdr.msg_controllen = Self.controlOctetCount
      } else {
        unsafe received[slot].msg_hdr.msg_control = nil
        unsafe received[slot].msg_hdr.msg_controllen = 0
      }
    }
    let count = unsafe recvmmsg(
      socket.number, received, UInt32(slotCount), Int32(MSG_DONTWAIT), nil)
    return max(0, Int(count))
  }

  /// Lends the datagram in `slot` to `body`, together with what `body` works on.
  @inlinable package borrowing func withQuery<State: ~Copyable, Result>(
    _ slot: Int, _ state: inout State, _ body: (Span<UInt8>, inout State) -> Result
  ) -> Result {
    let slot = min(max(slot, 0), slotCount &- 1)
    let length = unsafe min(Int(received[slot].msg_len), Self.queryOctetCountMax)
    let start = unsafe queries + slot &* Self.queryOctetCountMax
    // SAFETY: the kernel filled `length` octets of this slot's own buffer.
    return body(
      unsafe Span(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: length), &state)
  }

  /// Who sent the datagram in `slot`.
  package func client(_ slot: Int) -> SocketAddress {
    guard slot >= 0, slot < slotCount else { return .wildcard(isV6: false, port: 0) }
    // SAFETY: a whole sockaddr_storage for each slot.
    return unsafe SocketAddress(kernelForm: names + slot * Self.nameOctetCount)
  }

  /// The address that the datagram in `slot` was sent to, with the socket's port.
  package func destination(_ slot: Int, of socket: borrowing UDPSocket) -> SocketAddress {
    guard socket.needsPacketInfo, slot >= 0, slot < slotCount else { return socket.local }
    var result = socket.local
    var message = unsafe received[slot].msg_hdr
    var header = unsafe clinux_cmsg_first(&message)
    while let found = unsafe header {
      guard let data = unsafe UnsafeRawPointer(clinux_cmsg_data(found)) else { break }
      if unsafe found.pointee.cmsg_type == IP_PKTINFO && found.pointee.cmsg_level == IPPROTO_IP {
        let info = unsafe data.loadUnaligned(as: in_pktinfo.self)
        result.high = UInt64(UInt32(bigEndian: info.ipi_addr.s_addr)) << 32
      } else if unsafe found.pointee.cmsg_level == Int32(IPPROTO_IPV6)
        && found.pointee.cmsg_type == IPV6_PKTINFO
      {
        result.high = unsafe UInt64(bigEndian: data.loadUnaligned(as: UInt64.self))
        result.low = unsafe UInt64(
          bigEndian: data.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
      unsafe header = clinux_cmsg_next(&message, found)
    }
    return result
  }

  /// The reply buffer of `slot`, of `replyOctetCountMax` octets: for the writer of that reply only,
  /// until `send`. Slots past the end share the last buffer.
  @unsafe package func replyBuffer(_ slot: Int) -> UnsafeMutablePointer<UInt8> {
    unsafe replies + min(max(slot, 0), slotCount - 1) * Self.replyOctetCountMax
  }

  /// Queues the first `length` octets of the slot's reply buffer to whoever sent the query, from
  /// the address that was asked.
  package mutating func queueReply(_ slot: Int, length: Int) {
    guard slot >= 0, slot < slotCount, outgoingCount < slotCount, length > 0 else { return }
    let vector = unsafe sendVectors + outgoingCount
    unsafe vector.pointee.iov_base = UnsafeMutableRawPointer(replyBuffer(slot))
    unsafe vector.pointee.iov_len = min(length, Self.replyOctetCountMax)
    var header = unsafe received[slot].msg_hdr
    unsafe header.msg_iov = vector
    unsafe header.msg_flags = 0
    if unsafe header.msg_control != nil { unsafe clearInterface(&header) }
    unsafe outgoing[outgoingCount].msg_hdr = header
    outgoingCount += 1
  }

  /// The packet info that came with a query names the address to answer from; the interface is left
  /// to routing, but for link-local addresses, which mean nothing without it.
  private func clearInterface(_ header: inout msghdr) {
    guard let control = unsafe clinux_cmsg_first(&header),
      let data = unsafe clinux_cmsg_data(control)
    else {
      unsafe header.msg_control = nil
      unsafe header.msg_controllen = 0
      return
    }
    if unsafe control.pointee.cmsg_level == IPPROTO_IP {
      unsafe data.storeBytes(of: 0, as: Int32.self)
    } else if unsafe data.load(as: UInt16.self).bigEndian & 0xFFC0 != 0xFE80 {
      unsafe data.storeBytes(of: 0, toByteOffset: 16, as: UInt32.self)
    }
  }

  /// Sends what was queued. A datagram that the kernel refuses is dropped and counted; the others
  /// still go. Never waits: a full queue drops the rest, and clients ask again.
  package mutating func send(to socket: borrowing UDPSocket) {
    var next = 0
    while next < outgoingCount {
      let sent = unsafe sendmmsg(
        socket.number, outgoing + next, UInt32(outgoingCount - next),
        Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      if sent > 0 {
        next += Int(sent)
        continue
      }
      let code = errno
      if code == EINTR { continue }
      if code == EAGAIN || code == ENOBUFS {
        droppedReplyCount &+= UInt64(outgoingCount - next)
        break
      }
      droppedReplyCount &+= 1
      next += 1
    }
    outgoingCount = 0
  }
}
