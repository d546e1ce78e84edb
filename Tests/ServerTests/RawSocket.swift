import Glibc
import Sockets
import TestSupport

/// Both kinds of tests know an address; here it is the server's.
typealias SocketAddress = Sockets.SocketAddress
/// An address as clients take it.
typealias ClientAddress = TestSupport.SocketAddress

extension SocketAddress {
  /// An address of 127.0.0.0/8 by its last octet.
  static func loopback(_ last: UInt8 = 1, port: UInt16 = 0) -> SocketAddress {
    SocketAddress(isV6: false, high: (0x7F00_0000 | UInt64(last)) << 32, low: 0, port: port)
  }

  /// `::1`.
  static func loopbackV6(port: UInt16 = 0) -> SocketAddress {
    SocketAddress(isV6: true, high: 0, low: 1, port: port)
  }
}

/// A client's socket that never blocks and may misbehave: read nothing, reset, take a port.
struct RawSocket: ~Copyable {
  /// What a read found.
  enum Received: Equatable {
    /// These octets.
    case octets([UInt8])
    /// Nothing yet.
    case nothing
    /// The server finished.
    case end
    /// The server cut the connection off.
    case reset
  }

  private let descriptor: FileDescriptor
  private var number: Int32 { descriptor.number }

  /// Opens a stream or a datagram socket and binds it to `address`, sharing with nobody.
  init(isStream: Bool, boundTo address: SocketAddress) throws(SystemError) {
    let kind = Int32(isStream ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue)
    let flags = kind | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let number = socket(address.isV6 ? AF_INET6 : AF_INET, flags, 0)
    guard number >= 0 else { throw SystemError("socket") }
    let descriptor = FileDescriptor(owning: number)
    // Connections of a server that has gone may linger in TIME_WAIT; they do not hold the port.
    if isStream { Self.set(number, SOL_SOCKET, SO_REUSEADDR, 1) }
    guard unsafe Self.with(address, { unsafe bind(number, $0, $1) }) == 0 else {
      throw SystemError("bind")
    }
    self.descriptor = descriptor
  }

  /// A connection to `address` from `source`; a small `receiveBuffer` keeps replies at the server.
  static func connected(
    to address: SocketAddress, from source: SocketAddress = .loopback(),
    receiveBuffer: Int32? = nil
  ) throws(SystemError) -> RawSocket {
    let socket = try RawSocket(isStream: true, boundTo: source)
    let own = socket.number
    if let receiveBuffer { set(own, SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
    let outcome = unsafe Self.with(address) { unsafe connect(own, $0, $1) }
    guard outcome == 0 || errno == EINPROGRESS else { throw SystemError("connect") }
    guard socket.waitWritable() else { throw SystemError("connect", code: ETIMEDOUT) }
    return socket
  }

  private static func with(
    _ address: SocketAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var storage = address.kernelForm
    let size = address.isV6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    return unsafe withUnsafePointer(to: &storage) { pointer in
      // SAFETY: every sockaddr form starts with the members of sockaddr.
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(size))
      }
    }
  }

  private static func set(_ number: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    // SAFETY: the option value is one Int32 that lives for the call.
    _ = unsafe setsockopt(number, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Starts to take connections, so that nobody else can.
  borrowing func listen() {
    _ = Glibc.listen(number, 1)
  }

  /// The port of this end.
  borrowing func localPort() -> UInt16 {
    var form = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let own = number
    // SAFETY: sockaddr_in starts with the members of sockaddr, and its size is passed.
    _ = unsafe withUnsafeMutablePointer(to: &form) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(own, $0, &size)
      }
    }
    return UInt16(bigEndian: form.sin_port)
  }

  private borrowing func wait(_ events: Int32, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: number, events: Int16(events), revents: 0)
    // SAFETY: one pollfd that lives for the call.
    return unsafe poll(&entry, 1, milliseconds) > 0
  }

  /// Whether there is room to send within some seconds.
  borrowing func waitWritable() -> Bool { wait(Int32(POLLOUT), milliseconds: 20_000) }
  /// Whether there is room to send right now.
  borrowing func isWritable() -> Bool { wait(Int32(POLLOUT), milliseconds: 0) }

  /// Sends what fits now: how many octets, 0 when none does, `nil` when the connection is gone.
  borrowing func send(_ octets: ArraySlice<UInt8>) -> Int? {
    let own = number
    // SAFETY: the buffer outlives the call.
    let count = unsafe octets.withUnsafeBytes {
      unsafe Glibc.send(own, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if count >= 0 { return count }
    return errno == EAGAIN ? 0 : nil
  }

  /// Sends all of `octets`, waiting for room; `false` when the connection ended before.
  borrowing func sendAll(_ octets: [UInt8]) -> Bool {
    var rest = octets[...]
    while !rest.isEmpty {
      guard let count = send(rest) else { return false }
      rest = rest.dropFirst(count)
      if count == 0, !waitWritable() { return false }
    }
    return true
  }

  /// Reads what is there now, at most `countMax` octets.
  borrowing func receive(countMax: Int = 1 << 18) -> Received {
    let own = number
    var buffer = [UInt8](repeating: 0, count: countMax)
    // SAFETY: the buffer outlives the call and its size is passed.
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe recv(own, $0.baseAddress, $0.count, 0)
    }
    if count > 0 { return .octets(Array(buffer.prefix(count))) }
    if count == 0 { return .end }
    return errno == EAGAIN ? .nothing : .reset
  }

  /// Reads what is there, waiting for it.
  borrowing func receiveSome(countMax: Int = 1 << 18) -> Received {
    _ = wait(Int32(POLLIN), milliseconds: 20_000)
    return receive(countMax: countMax)
  }

  /// Reads to the end: how many octets came, and how it ended.
  borrowing func drain() -> (octets: [UInt8], end: Received) {
    var octets: [UInt8] = []
    while true {
      switch receiveSome() {
      case .octets(let more): octets += more
      case let end: return (octets, end)
      }
    }
  }

  /// Says that nothing more will be sent.
  borrowing func finishWriting() {
    _ = shutdown(number, Int32(SHUT_WR))
  }

  /// Makes the end of this socket a reset.
  borrowing func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    // SAFETY: the option value is one linger that lives for the call.
    _ = unsafe setsockopt(
      number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}
