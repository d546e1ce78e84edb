import CLinux
import Glibc

/// A named POSIX thread: for the workers, whose loops must not share a thread with anything.
package final class SystemThread: Sendable {
  private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  private let handle: pthread_t

  /// Starts `body` on a new thread with a stack of 1 MiB; `name` is cut to 15 octets.
  package init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setstacksize(&attributes, 1 << 20)
    defer { unsafe pthread_attr_destroy(&attributes) }
    // SAFETY: the retained body is released by the new thread, or below when there is none.
    let context = unsafe Unmanaged.passRetained(Body(name, body))
    var handle = pthread_t()
    let code = unsafe pthread_create(
      &handle, &attributes,
      { pointer in
        guard let pointer = unsafe pointer else { return nil }
        let body = unsafe Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
        unsafe clinux_name_thread(String(body.name.prefix(15)))
        body.run()
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      unsafe context.release()
      throw SystemError("pthread_create", code: code)
    }
    self.handle = handle
  }

  /// Waits for the thread's end. Call it once.
  package func join() {
    _ = pthread_join(handle, nil)
  }
}

/// A fixed block of octets, freed with its owner.
@safe
package struct OwnedBuffer: ~Copyable {
  /// Octets in the block.
  package let capacity: Int
  private let start: UnsafeMutablePointer<UInt8>

  /// A zeroed block.
  package init(capacity: Int) {
    self.capacity = max(capacity, 1)
    unsafe start = .allocate(capacity: self.capacity)
    unsafe start.initialize(repeating: 0, count: self.capacity)
  }

  deinit {
    unsafe start.deallocate()
  }

  /// The first octet; valid for as long as this buffer lives.
  @unsafe package var base: UnsafeMutablePointer<UInt8> { unsafe start }
}
