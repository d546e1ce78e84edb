import Glibc

/// One TCP connection to an upstream, as its thread sees it.
final class UpstreamStream {
  /// Who connected.
  let source: SocketAddress
  /// Counted from 1.
  let number: Int
  /// Whether there is nothing more to do with it.
  private(set) var isOver = false

  private let socket: Socket
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var endsAfterOutput = false

  init(descriptor: Int32, source: SocketAddress, number: Int) {
    self.source = source
    self.number = number
    socket = Socket(owning: descriptor)
    socket.setNonblocking()
    socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, to: 1)
  }

  /// The number of the open file.
  var descriptor: Int32 { socket.descriptor }
  /// Whether octets wait to be sent.
  var hasOutput: Bool { !output.isEmpty }

  /// Reads what there is and returns the whole messages among it, without their length.
  func receive() -> [[UInt8]] {
    do {
      let more = try socket.receive()
      if more.isEmpty { isOver = true }
      input += more
    } catch SocketError.system(_, let code) where code == EAGAIN {
      return []
    } catch {
      isOver = true
    }
    var messages: [[UInt8]] = []
    while input.count >= 2 {
      let count = Int(input[0]) << 8 | Int(input[1])
      guard input.count >= 2 + count else { break }
      messages.append(Array(input[2..<2 + count]))
      input.removeFirst(2 + count)
    }
    return messages
  }

  /// Sends octets as soon as there is room.
  func send(_ bytes: [UInt8]) {
    output += bytes
    flush()
  }

  /// Sends what waits, as far as there is room.
  func flush() {
    while !output.isEmpty, !isOver {
      do {
        output.removeFirst(try socket.send(output[...]))
      } catch SocketError.system(_, let code) where code == EAGAIN {
        return
      } catch {
        isOver = true
      }
    }
    if endsAfterOutput { isOver = true }
  }

  /// Ends the connection when all is sent.
  func finish() {
    endsAfterOutput = true
    flush()
  }

  /// Ends the connection at once, as if the process had died.
  func reset() {
    socket.resetAtEnd()
    isOver = true
  }
}
