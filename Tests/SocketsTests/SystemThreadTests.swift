import Glibc
import Sockets
import Synchronization
import TestSupport
import Testing

/// Threads, buffers, descriptors and the clock.
@Suite(.timeLimit(.minutes(10))) struct SystemThreadTests {
  @Test func `join returns when the body has ended`() throws {
    let log = Mutex<[Int]>([])
    let threads = try (0..<20).map { number in
      try SystemThread(name: "test") { log.withLock { $0.append(number) } }
    }
    for thread in threads { thread.join() }
    #expect(log.withLock { $0.sorted() } == Array(0..<20))
  }

  @Test(arguments: ["dns-0", "", "a name far longer than fifteen octets"])
  func `a thread bears its name, cut to what the system takes`(name: String) throws {
    let seen = Mutex("?")
    let thread = try SystemThread(name: name) {
      let number = unsafe open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
      let file = FileDescriptor(owning: number)
      var buffer = [UInt8](repeating: 0, count: 32)
      // SAFETY: the buffer outlives the call and its size is passed.
      _ = unsafe read(file.number, &buffer, buffer.count)
      let text = buffer.prefix { $0 != 0 && $0 != UInt8(ascii: "\n") }
      seen.withLock { $0 = String(decoding: text, as: UTF8.self) }
    }
    thread.join()
    #expect(seen.withLock { $0 } == String(name.prefix(15)))
  }

  @Test func `what the body holds is let go with it`() throws {
    let held = Held()
    weak let watched = held
    let thread = try SystemThread(name: "test") { [held] in held.touch() }
    thread.join()
    #expect(held.count == 1)
    _ = consume held
    #expect(watched == nil)
  }

  /// Something a thread can hold on to.
  private final class Held: Sendable {
    private let touches = Atomic<Int>(0)

    var count: Int { touches.load(ordering: .sequentiallyConsistent) }

    func touch() {
      touches.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }
  }

  // MARK: - Descriptors

  /// A pipe: what is written to the second is read from the first.
  private func makePipe() throws -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw SystemError("pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    return (ends[0], ends[1])
  }

  private func isAtEnd(_ reader: borrowing FileDescriptor) -> Bool {
    var octet: UInt8 = 0
    return unsafe read(reader.number, &octet, 1) == 0
  }

  private func pass(_ descriptor: consuming FileDescriptor) -> FileDescriptor { descriptor }

  @Test func `a descriptor is closed with its last owner and not before`() throws {
    let ends = try makePipe()
    let reader = FileDescriptor(owning: ends.reader)
    let moved = pass(FileDescriptor(owning: ends.writer))
    #expect(fcntl(moved.number, F_GETFD) != -1)
    #expect(isAtEnd(reader) == false)
    _ = consume moved
    // A process that is being started has copies of all descriptors for a moment.
    #expect(waitUntil(.seconds(20)) { isAtEnd(reader) })
  }

  /// Were a number closed twice, another owner of the same number would lose its file.
  @Test func `a descriptor is closed once`() throws {
    for _ in 0..<100 {
      let ends = try makePipe()
      let reader = FileDescriptor(owning: ends.reader)
      let writer = FileDescriptor(owning: ends.writer)
      // A number that nothing else in this process takes meanwhile.
      let high = fcntl(writer.number, F_DUPFD_CLOEXEC, 900)
      #expect(high >= 900)
      do {
        let owner = pass(pass(FileDescriptor(owning: high)))
        _ = consume owner
      }
      let again = fcntl(writer.number, F_DUPFD_CLOEXEC, 900)
      _ = consume writer
      #expect(fcntl(again, F_GETFD) != -1)
      #expect(isAtEnd(reader) == false, "the second owner's end is open")
      _ = FileDescriptor(owning: again)
      // A process that is being started has copies of all descriptors for a moment.
      #expect(waitUntil(.seconds(20)) { isAtEnd(reader) })
    }
  }

  @Test func `a descriptor in an object is closed with the object`() throws {
    let ends = try makePipe()
    let reader = FileDescriptor(owning: ends.reader)
    final class Owner {
      let descriptor: FileDescriptor
      init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }
    var owners = [Owner(FileDescriptor(owning: ends.writer))]
    owners.append(contentsOf: owners)
    owners.removeLast()
    #expect(isAtEnd(reader) == false)
    owners.removeAll()
    // A process that is being started has copies of all descriptors for a moment.
    #expect(waitUntil(.seconds(20)) { isAtEnd(reader) })
  }

  // MARK: - Memory and clock

  @Test(arguments: [-1, 0, 1, 512, 65_535])
  func `a buffer is zero from end to end`(capacity: Int) {
    let buffer = OwnedBuffer(capacity: capacity)
    #expect(buffer.capacity == max(capacity, 1))
    let base = unsafe buffer.base
    // SAFETY: the buffer has `capacity` octets and lives to the end of the loop.
    let isZero = (0..<buffer.capacity).allSatisfy { unsafe base[$0] == 0 }
    #expect(isZero)
  }

  @Test func `the clock never goes back`() {
    var last = monotonicNanoseconds()
    #expect(last > 0)
    for _ in 0..<10_000 {
      let now = monotonicNanoseconds()
      if now < last { Issue.record("\(now) after \(last)") }
      last = now
    }
  }
}
