import Glibc

/// What a thread that serves many sockets at once needs of each.
extension Socket {
  /// From now on no call waits.
  borrowing func setNonblocking() {
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
  }

  /// Takes the next connection; nil when there is none.
  borrowing func accept() -> (descriptor: Int32, source: SocketAddress)? {
    var source = [UInt8](repeating: 0, count: 28)
    var sourceCount = socklen_t(source.count)
    let listener = descriptor
    // SAFETY: the buffer outlives the call and its size is passed.
    let accepted = unsafe source.withUnsafeMutableBytes {
      unsafe Glibc.accept(
        listener, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &sourceCount)
    }
    guard accepted >= 0 else { return nil }
    _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
    guard let address = SocketAddress(bytes: Array(source.prefix(Int(sourceCount)))) else {
      _ = close(accepted)
      return nil
    }
    return (accepted, address)
  }

  /// Makes the end of a stream a reset instead of a proper close.
  borrowing func resetAtEnd() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    let size = socklen_t(MemoryLayout<Glibc.linger>.size)
    // SAFETY: the option value is one `linger` that lives for the call.
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
  }

  /// The address that the system gave to this end.
  borrowing func localAddress() throws(SocketError) -> SocketAddress {
    var bytes = [UInt8](repeating: 0, count: 28)
    var count = socklen_t(bytes.count)
    let descriptor = self.descriptor
    // SAFETY: the buffer outlives the call and its size is passed.
    let outcome = unsafe bytes.withUnsafeMutableBytes {
      unsafe getsockname(
        descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &count)
    }
    guard outcome == 0, let address = SocketAddress(bytes: Array(bytes.prefix(Int(count)))) else {
      throw .system(call: "getsockname", code: errno)
    }
    return address
  }
}

/// Which of many sockets have something to read, or room to write.
struct SocketPoll {
  private var entries: [pollfd] = []

  /// Watches a socket for reading, and for room to write if `wantsRoom`.
  mutating func add(_ descriptor: Int32, wantsRoom: Bool = false) {
    let events = wantsRoom ? POLLIN | POLLOUT : POLLIN
    entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
  }

  /// Waits until one of them is ready, at most `limit`; their numbers in the order of `add`.
  mutating func wait(_ limit: Duration) -> [Int] {
    let milliseconds = Int32(clamping: limit.milliseconds)
    // SAFETY: the array has as many entries as are told.
    let count = unsafe poll(&entries, nfds_t(entries.count), milliseconds)
    return count > 0 ? entries.indices.filter { entries[$0].revents != 0 } : []
  }
}
