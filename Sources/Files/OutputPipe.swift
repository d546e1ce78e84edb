import Glibc

/// The pipe behind one output of a child, and what came through it.
final class OutputPipe {
  /// The child's end; negative when it is closed here.
  private(set) var writeEnd: Int32
  /// What was read.
  private(set) var octets: [UInt8] = []
  /// Whether there was more than was allowed.
  private(set) var isOverfull = false
  private let readEnd: OwnedDescriptor
  private var isAtEnd = false
  private var chunk = [UInt8](repeating: 0, count: 1 << 14)

  /// A pipe whose ends no other child inherits.
  init() throws(PosixProblem) {
    var ends: [Int32] = [-1, -1]
    // SAFETY: the array has room for the two descriptors that pipe writes.
    guard unsafe pipe(&ends) == 0 else { throw .current() }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    readEnd = OwnedDescriptor(owning: ends[0])
    writeEnd = ends[1]
  }

  deinit { closeWriteEnd() }

  /// Leaves the writing end to the child alone.
  func closeWriteEnd() {
    if writeEnd >= 0 { _ = close(writeEnd) }
    writeEnd = -1
  }

  /// Waits until there is something in one of two pipes, but not for long.
  func waitForInput(or other: OutputPipe, milliseconds: Int32) {
    // A negative descriptor is not looked at.
    var polled = [self, other].map { pipe in
      pollfd(fd: pipe.isAtEnd ? -1 : pipe.readEnd.number, events: Int16(POLLIN), revents: 0)
    }
    // SAFETY: the count is the array's own.
    _ = unsafe poll(&polled, nfds_t(polled.count), milliseconds)
  }

  /// Reads what is there.
  func readAvailable(octetCountMax: Int) {
    while !isAtEnd, !isOverfull {
      let count = PosixFile.read(readEnd, into: &chunk)
      guard count > 0 else {
        isAtEnd = count == 0
        return
      }
      octets += chunk.prefix(count)
      isOverfull = octets.count > octetCountMax
    }
  }
}
