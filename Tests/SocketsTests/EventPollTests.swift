import Glibc
import Sockets
import Synchronization
import TestSupport
import Testing

/// Waiting for sockets and for other threads.
@Suite(.timeLimit(.minutes(10))) struct EventPollTests {
  private typealias Event = (token: UInt64, readiness: Readiness)

  private func events(_ poll: borrowing EventPoll, milliseconds: Int32 = 0) -> [Event] {
    let count = poll.wait(milliseconds: milliseconds)
    return (0..<count).map { poll.event($0) }
  }

  @Test func `what is readable comes with its token, as long as it is`() throws {
    let poll = try EventPoll()
    let first = try UDPSocket(.loopback())
    let second = try UDPSocket(.loopback())
    try poll.add(first.number, token: 0xFF00_0000_0000_0001, interest: .read)
    try poll.add(second.number, token: 2, interest: .read)
    #expect(events(poll).isEmpty)
    second.send([1], to: first.local, from: second.local)
    for _ in 0..<3 {
      let found = events(poll, milliseconds: 20_000)
      #expect(found.map(\.token) == [0xFF00_0000_0000_0001])
      #expect(found.map(\.readiness) == [.read])
    }
    var batch = DatagramBatch(slotCount: 1)
    #expect(batch.receive(from: first) == 1)
    #expect(events(poll).isEmpty)
  }

  @Test func `interest can be changed and taken back`() throws {
    let poll = try EventPoll()
    let socket = try UDPSocket(.loopback())
    try poll.add(socket.number, token: 1, interest: [])
    #expect(events(poll).isEmpty)
    try poll.change(socket.number, token: 2, interest: [.read, .write])
    #expect(events(poll).map(\.token) == [2])
    #expect(events(poll).map(\.readiness) == [.write])
    try poll.change(socket.number, token: 3, interest: .read)
    #expect(events(poll).isEmpty)
    socket.send([1], to: socket.local, from: socket.local)
    #expect(events(poll, milliseconds: 20_000).map(\.token) == [3])
    try poll.remove(socket.number)
    #expect(events(poll).isEmpty)
  }

  @Test func `a descriptor is watched once, and only when there is one`() throws {
    let poll = try EventPoll()
    let socket = try UDPSocket(.loopback())
    try poll.add(socket.number, token: 1, interest: .read)
    #expect(throws: SystemError("epoll_ctl", code: EEXIST)) {
      try poll.add(socket.number, token: 1, interest: .read)
    }
    try poll.remove(socket.number)
    #expect(throws: SystemError("epoll_ctl", code: ENOENT)) { try poll.remove(socket.number) }
    #expect(throws: SystemError("epoll_ctl", code: EBADF)) {
      try poll.add(-1, token: 1, interest: .read)
    }
  }

  @Test func `a peer that is gone is told, whatever was asked for`() throws {
    let poll = try EventPoll()
    let listener = try TCPListener(.loopback())
    var stream: TCPStream?
    do {
      let connection = try TCPConnection(to: DNSClient(port: listener.local.port))
      _ = try waitUntil(.seconds(20), every: .milliseconds(1)) {
        stream = try listener.accept()?.stream
        return stream != nil
      }
      // Octets that nobody reads make the end a reset.
      if let stream { _ = try stream.write([1], 0..<1) }
      #expect(try connection.receiveSome(timeout: .seconds(20)) == [1])
      if let stream { _ = try stream.write([2], 0..<1) }
      _ = consume connection
    }
    let gone = try #require(stream)
    // The second octet may come before or after the end; either way a reset follows.
    let isReset = waitUntil(.seconds(20), every: .milliseconds(1)) {
      (try? gone.write([3], 0..<1)) == nil
    }
    #expect(isReset)
    try poll.add(gone.number, token: 5, interest: [])
    let found = events(poll, milliseconds: 20_000)
    #expect(found.map(\.token) == [5])
    #expect(found.allSatisfy { !$0.readiness.isDisjoint(with: .closed) })
  }

  @Test func `more events than fit come in turns`() throws {
    let poll = try EventPoll()
    let wakeups = try (0..<100).map { _ in try Wakeup() }
    for (index, wakeup) in wakeups.enumerated() {
      try poll.add(wakeup.number, token: UInt64(index), interest: .read)
      wakeup.signal()
    }
    var seen: Set<UInt64> = []
    for _ in 0..<4 {
      let found = events(poll)
      #expect(found.count <= EventPoll.eventCountMax)
      for event in found {
        seen.insert(event.token)
        wakeups[Int(event.token)].clear()
      }
    }
    #expect(seen == Set(0..<100))
    #expect(poll.event(-1).token == 0)
    #expect(poll.event(EventPoll.eventCountMax).readiness == [])
  }

  // MARK: - Wakeup

  @Test func `signals add up to one wakeup, until cleared`() throws {
    let poll = try EventPoll()
    let wakeup = try Wakeup()
    try poll.add(wakeup.number, token: 7, interest: .read)
    #expect(events(poll).isEmpty)
    wakeup.clear()
    #expect(events(poll).isEmpty, "clearing what was not signalled does not block")
    for _ in 0..<3 { wakeup.signal() }
    #expect(events(poll).map(\.token) == [7])
    #expect(events(poll).map(\.token) == [7])
    wakeup.clear()
    #expect(events(poll).isEmpty)
    wakeup.signal()
    #expect(events(poll).map(\.token) == [7])
  }

  @Test func `a thread that waits for ever is woken by another`() throws {
    let shared = Shared(try Wakeup())
    let roundCount = 200
    let thread = try SystemThread(name: "waiter") {
      guard let poll = try? EventPoll(),
        (try? poll.add(shared.wakeup.number, token: 1, interest: .read)) != nil
      else { return }
      for _ in 0..<roundCount {
        var isWoken = false
        while !isWoken { isWoken = poll.wait(milliseconds: -1) == 1 }
        shared.wakeup.clear()
        shared.count.wrappingAdd(1, ordering: .sequentiallyConsistent)
      }
    }
    for round in 0..<roundCount {
      shared.wakeup.signal()
      let isSeen = waitUntil(.seconds(20), every: .zero) {
        shared.count.load(ordering: .sequentiallyConsistent) == round + 1
      }
      #expect(isSeen)
    }
    thread.join()
  }

  /// What the waiting thread and the test share.
  private final class Shared: Sendable {
    let wakeup: Wakeup
    let count = Atomic<Int>(0)

    init(_ wakeup: Wakeup) {
      self.wakeup = wakeup
    }
  }
}
