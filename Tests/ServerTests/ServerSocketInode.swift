import Glibc

/// The server's end of a connection, by the kernel's number, so that a test sees it go.
struct ServerSocketInode: Sendable {
  private let text: String

  /// The socket of this process on `serverPort` that is connected to 127.0.0.1 and `clientPort`;
  /// `nil` when there is none.
  init?(serverPort: UInt16, clientPort: UInt16) {
    let lines = Self.read("/proc/net/tcp").split(separator: "\n").dropFirst()
    for line in lines {
      // Number, local, remote, state, queues, timer, retransmissions, user, timeout, inode.
      let fields = line.split(separator: " ")
      guard fields.count > 9, Self.port(fields[1]) == serverPort,
        Self.port(fields[2]) == clientPort
      else { continue }
      text = "socket:[\(fields[9])]"
      return
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
