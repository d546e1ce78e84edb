import Glibc
import TestSupport

/// The server's end of a connection, by the kernel's number, so that a test sees it go.
struct ServerSocketInode: Sendable {
  private let text: String

  /// The socket of this process on `serverPort` that is connected to 127.0.0.1 and `clientPort`,
  /// once the server has accepted it; `nil` when that does not come.
  init?(serverPort: UInt16, clientPort: UInt16) {
    var found: Substring?
    _ = waitUntil(.seconds(20), every: .milliseconds(1)) {
      found = Self.inode(serverPort, clientPort)
      return found != nil
    }
    guard let found else { return nil }
    text = "socket:[\(found)]"
  }

  private static func inode(_ serverPort: UInt16, _ clientPort: UInt16) -> Substring? {
    for line in read("/proc/net/tcp").split(separator: "\n").dropFirst() {
      // Number, local, remote, state, queues, timer, retransmissions, user, timeout, inode.
      let fields = line.split(separator: " ")
      // A connection that is not accepted yet has no inode.
      guard fields.count > 9, port(fields[1]) == serverPort, port(fields[2]) == clientPort,
        fields[9] != "0"
      else { continue }
      return fields[9]
    }
    return nil
  }

  /// Whether a descriptor of this process still holds it.
  var isOpen: Bool {
    (0..<4096).contains { number in
      var buffer = [UInt8](repeating: 0, count: 64)
      // SAFETY: the buffer outlives the call and its size is passed.
      let count = unsafe buffer.withUnsafeMutableBytes { octets in
        guard let start = octets.baseAddress else { return 0 }
        return unsafe readlink(
          "/proc/self/fd/\(number)", start.assumingMemoryBound(to: CChar.self), octets.count)
      }
      return count > 0 && String(decoding: buffer.prefix(count), as: UTF8.self) == text
    }
  }

  private static func port(_ field: Substring) -> UInt16? {
    field.split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
  }

  private static func read(_ path: String) -> String {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return "" }
    defer { _ = close(number) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      // SAFETY: the buffer outlives the call and its size is passed.
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(number, $0.baseAddress, $0.count)
      }
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += buffer.prefix(count)
    }
  }
}
