import CLinux
import Glibc

/// A system call that failed: its name and errno, captured before anything else could change it.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The call, as its manual page is named.
  package let call: StaticString
  /// errno.
  package let code: Int32

  /// The failure of `call` with the current errno.
  package init(_ call: StaticString) {
    let code = errno
    self.call = call
    self.code = code
  }

  /// A failure with a known code.
  package init(_ call: StaticString, code: Int32) {
    self.call = call
    self.code = code
  }

  /// `bind: Address already in use`.
  package var description: String {
    guard let text = unsafe strerror(code) else { return "\(call): error \(code)" }
    return unsafe "\(call): \(String(cString: text))"
  }

  /// Whether two failures are of the same call and code.
  package static func == (left: SystemError, right: SystemError) -> Bool {
    left.code == right.code && "\(left.call)" == "\(right.call)"
  }
}

/// Runs a system call that reports failure by -1, again after EINTR.
///
/// - Returns: the result, or `nil` when it would block.
/// - Throws: any other failure.
@inline(__always)
func systemCall<Result: SignedInteger>(
  _ name: StaticString, _ body: () -> Result
) throws(SystemError) -> Result? {
  while true {
    let result = body()
    if result != -1 { return result }
    let code = errno
    if code == EINTR { continue }
    if code == EAGAIN || code == EWOULDBLOCK { return nil }
    throw SystemError(name, code: code)
  }
}

/// An open file descriptor; closed exactly once, when its owner goes.
package struct FileDescriptor: ~Copyable {
  /// The number the kernel knows it by.
  package let number: Int32

  /// Takes over `number`, which nobody else may close.
  package init(owning number: Int32) {
    self.number = number
  }

  deinit {
    _ = close(number)
  }
}

/// The monotonic clock, in nanoseconds; not affected by changes of the wall clock.
package func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000
    &+ UInt64(truncatingIfNeeded: time.tv_nsec)
}

/// The time of day in milliseconds since 1970, which may go back.
package func wallMilliseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_REALTIME, &time)
  return UInt64(max(0, time.tv_sec)) &* 1_000 &+ UInt64(max(0, time.tv_nsec)) / 1_000_000
}
