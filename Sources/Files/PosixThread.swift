import Glibc

/// A POSIX thread with a stack of a chosen size, which Swift's own pool does not offer.
package struct PosixThread: Sendable {
  /// A stack with room for a parser's recursion over 1,000 levels: 16 MiB of address space, of
  /// which only what is used becomes memory.
  package static let parserStackOctetCount = 16 << 20

  private let id: pthread_t

  /// Starts `body` on a new thread; `nil` when the system has no more threads.
  package static func start(
    stackOctetCount: Int = parserStackOctetCount, _ body: @escaping @Sendable () -> Void
  ) -> PosixThread? {
    // SAFETY: balanced by `threadMain`, or below when no thread comes of it.
    let box = unsafe Unmanaged.passRetained(ThreadBody(body))
    var id = pthread_t()
    // SAFETY: the attributes live until after pthread_create, which copies them.
    var attributes = pthread_attr_t()
    guard unsafe pthread_attr_init(&attributes) == 0 else {
      unsafe box.release()
      return nil
    }
    defer { _ = unsafe pthread_attr_destroy(&attributes) }
    _ = unsafe pthread_attr_setstacksize(&attributes, stackOctetCount)
    let status = unsafe pthread_create(&id, &attributes, threadMain, box.toOpaque())
    guard status == 0 else {
      unsafe box.release()
      return nil
    }
    return PosixThread(id: id)
  }

  /// Runs `body` on a thread with a parser's stack and waits for it; on the calling thread when
  /// there is no other.
  package static func run(_ body: @escaping @Sendable () -> Void) {
    if let thread = start(body) { thread.join() } else { body() }
  }

  /// Waits for the thread's end. Once only, and not from the thread itself.
  package func join() {
    _ = pthread_join(id, nil)
  }

  /// Lets the thread clean up after itself at its end. Once only, and instead of `join`.
  package func detach() {
    _ = pthread_detach(id)
  }

  /// Whether the calling thread is this one.
  package var isCurrent: Bool { pthread_equal(pthread_self(), id) != 0 }
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context = unsafe context else { return nil }
  // SAFETY: the pointer is the retained box that `start` handed over, taken exactly once.
  unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
