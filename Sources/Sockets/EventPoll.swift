import CLinux
import Glibc

/// What a descriptor is ready for.
@usableFromInline package struct Readiness: OptionSet, Sendable {
  /// The event bits.
  @usableFromInline package let rawValue: UInt32

  /// From event bits.
  @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// There is something to read, or to accept.
  package static let read = Readiness(rawValue: UInt32(EPOLLIN.rawValue))
  /// There is room to write.
  package static let write = Readiness(rawValue: UInt32(EPOLLOUT.rawValue))
  /// The peer is gone or the socket failed; reading tells which.
  package static let closed = Readiness(
    rawValue: UInt32(EPOLLHUP.rawValue) | UInt32(EPOLLERR.rawValue))
}

/// An epoll instance, level-triggered, with room for a batch of events. One thread uses it.
@safe
package struct EventPoll: ~Copyable {
  /// Events taken in one wait.
  package static let eventCountMax = 64

  private let descriptor: FileDescriptor
  private let events: UnsafeMutablePointer<epoll_event>

  /// The kernel's number, to watch it: readable while events wait.
  package var number: Int32 { descriptor.number }

  /// A new, empty instance.
  package init() throws(SystemError) {
    let number = try systemCall("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    descriptor = FileDescriptor(owning: number ?? -1)
    unsafe events = .allocate(capacity: Self.eventCountMax)
  }

  deinit {
    unsafe events.deallocate()
  }

  private func control(
    _ operation: Int32, _ number: Int32, _ token: UInt64, _ interest: Readiness
  ) throws(SystemError) {
    let own = descriptor.number
    var event = unsafe epoll_event(
      events: interest.rawValue, data: unsafe epoll_data_t(u64: token))
    _ = try systemCall("epoll_ctl") { unsafe epoll_ctl(own, operation, number, &event) }
  }

  /// Watches a descriptor; its events bear `token`.
  package func add(
    _ number: Int32, token: UInt64, interest: Readiness
  ) throws(SystemError) {
    try control(EPOLL_CTL_ADD, number, token, interest)
  }

  /// Changes what a watched descriptor is watched for.
  package func change(
    _ number: Int32, token: UInt64, interest: Readiness
  ) throws(SystemError) {
    try control(EPOLL_CTL_MOD, number, token, interest)
  }

  /// Stops watching; closing a descriptor does that by itself.
  package func remove(_ number: Int32) throws(SystemError) {
    try control(EPOLL_CTL_DEL, number, 0, [])
  }

  /// Waits for events, at most `milliseconds` (-1: for ever): how many came. An interrupted wait is
  /// none.
  package func wait(milliseconds: Int32) -> Int {
    let count = unsafe epoll_wait(
      descriptor.number, events, Int32(Self.eventCountMax), milliseconds)
    return max(0, Int(count))
  }

  /// Event `index` of the last wait, below the count it returned.
  package func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
    guard index >= 0, index < Self.eventCountMax else { return (0, []) }
    // SAFETY: index is below the capacity allocated, and epoll_wait filled it.
    let event = unsafe events[index]
    return unsafe (event.data.u64, Readiness(rawValue: event.events))
  }
}

/// Wakes a thread that waits in an `EventPoll`, from any thread.
package final class Wakeup: Sendable {
  /// The descriptor to watch for reading.
  package let number: Int32

  /// An eventfd.
  package init() throws(SystemError) {
    let flags = Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)
    number = try systemCall("eventfd") { eventfd(0, flags) } ?? -1
  }

  deinit {
    _ = close(number)
  }

  /// Makes the descriptor readable.
  package func signal() {
    eventfd_write(number, 1)
  }

  /// Makes it unreadable again.
  package func clear() {
    var value: eventfd_t = 0
    unsafe eventfd_read(number, &value)
  }
}
