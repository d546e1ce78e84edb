import Glibc
import Synchronization

/// A port on which neither UDP nor TCP is in use, on all IPv4 addresses and on `::1`.
///
/// Ports lie below the range from which the kernel takes source ports, and none is handed out
/// twice by one process, so that suites running at the same time do not meet.
package func freePort() throws(SocketError) -> UInt16 {
  let attemptCountMax = 200
  for _ in 0..<attemptCountMax {
    let port = UInt16.random(in: 10_240..<32_000)
    guard handedOut.withLock({ $0.insert(port).inserted }) else { continue }
    if isFree(port) { return port }
  }
  throw .system(call: "bind", code: EADDRINUSE)
}

/// Ports this process has given to tests.
private let handedOut = Mutex<Set<UInt16>>([])

private func isFree(_ port: UInt16) -> Bool {
  for host in ["0.0.0.0", "::1"] {
    for isStream in [false, true] {
      guard let address = SocketAddress(host: host, port: port) else { return false }
      do {
        let socket = try Socket(family: address.family, isStream: isStream)
        try socket.bind(to: address)
      } catch SocketError.system(_, let code) where code == EADDRINUSE {
        return false
      } catch {
        continue  // no IPv6 here: nothing can be in use on it
      }
    }
  }
  return true
}

/// Holds a port so that nobody else can bind it, until the value goes away.
package struct OccupiedPort: ~Copyable {
  private let datagrams: Socket
  private let stream: Socket
  /// The port that is taken.
  package let port: UInt16

  /// Binds UDP and TCP of a free port on all IPv4 addresses.
  package init() throws(SocketError) {
    let port = try freePort()
    guard let address = SocketAddress(host: "0.0.0.0", port: port) else {
      throw .badAddress("0.0.0.0")
    }
    let datagrams = try Socket(family: address.family, isStream: false)
    try datagrams.bind(to: address)
    let stream = try Socket(family: address.family, isStream: true)
    try stream.bind(to: address)
    try stream.listen()
    self.port = port
    self.datagrams = datagrams
    self.stream = stream
  }
}
