import Glibc

/// Waiting for events that another thread can end, once and for good: a pipe whose writing end is
/// written to.
package struct StopSignal: ~Copyable, Sendable {
  /// What ended a wait.
  package enum Waking {
    /// The signal was given.
    case stopped
    /// The descriptor is readable, or writable if that was awaited, or in trouble.
    case readable
    /// The time is over.
    case timedOut
  }

  private let readEnd: OwnedDescriptor
  private let writeEnd: OwnedDescriptor

  private static let retryMicroseconds: UInt32 = 100_000
  /// The longest wait until a time: a minute.
  private static let waitMillisecondsMax: UInt64 = 60_000

  /// A signal that was not given; fails when the process has no descriptors left.
  package init() throws(PosixProblem) {
    var ends: [Int32] = [-1, -1]
    // SAFETY: the array has room for the two descriptors that pipe writes.
    guard unsafe pipe(&ends) == 0 else { throw .current() }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    readEnd = OwnedDescriptor(owning: ends[0])
    writeEnd = OwnedDescriptor(owning: ends[1])
  }

  /// Gives the signal; all waits, now and later, end with `stopped`.
  package func give() {
    let octets: [UInt8] = [1]
    // SAFETY: one octet of an array of one is read. A full pipe means the signal stands already.
    _ = unsafe write(writeEnd.number, octets, octets.count)
  }

  /// Waits as below from `now` until `time`, both nanoseconds of one clock; the wait is rounded up
  /// to whole milliseconds, and a minute at most.
  package func wait(for descriptor: Int32, from now: UInt64, until time: UInt64) -> Waking {
    let milliseconds =
      now < time ? min((time - now) / 1_000_000 + 1, Self.waitMillisecondsMax) : 0
    return wait(for: descriptor, milliseconds: Int32(milliseconds))
  }

  /// Waits until `descriptor` is readable, or writable with `isWriting` (never, when it is
  /// negative), the signal is given or the time is over.
  package func wait(
    for descriptor: Int32, isWriting: Bool = false, milliseconds: Int32
  ) -> Waking {
    let input = Int16(POLLIN)
    var polled = [
      pollfd(fd: readEnd.number, events: input, revents: 0),
      pollfd(fd: descriptor, events: isWriting ? Int16(POLLOUT) : input, revents: 0),
    ]
    // SAFETY: the count is the array's own.
    let count = unsafe poll(&polled, nfds_t(polled.count), milliseconds)
    if count < 0, errno != EINTR { usleep(Self.retryMicroseconds) }
    guard count > 0 else { return .timedOut }
    return polled[0].revents != 0 ? .stopped : .readable
  }
}
