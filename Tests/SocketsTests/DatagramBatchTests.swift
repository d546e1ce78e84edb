import Sockets
import TestSupport
import Testing

/// Batches of datagrams over real loopback sockets.
@Suite struct DatagramBatchTests {
  /// One received datagram.
  private struct Datagram: Equatable {
    let octets: [UInt8]
    let client: SocketAddress
    let destination: SocketAddress
  }

  /// Receives until `count` datagrams are there, echoing each when `echoes`.
  private func receive(
    _ count: Int, from socket: borrowing UDPSocket, _ batch: inout DatagramBatch,
    echoes: Bool = false
  ) -> [Datagram] {
    var datagrams: [Datagram] = []
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(20))
    while datagrams.count < count, clock.now < deadline {
      let filled = batch.receive(from: socket)
      for slot in 0..<filled {
        datagrams.append(datagram(slot, of: socket, &batch))
        guard echoes else { continue }
        let octets = datagrams.last?.octets ?? []
        let base = unsafe batch.replyBuffer(slot)
        let length = min(octets.count, DatagramBatch.replyOctetCountMax)
        // SAFETY: a reply buffer has replyOctetCountMax octets.
        for index in 0..<length { unsafe base[index] = octets[index] }
        batch.queueReply(slot, length: octets.count)
      }
      if echoes { batch.send(to: socket) }
    }
    return datagrams
  }

  private func datagram(
    _ slot: Int, of socket: borrowing UDPSocket, _ batch: inout DatagramBatch
  ) -> Datagram {
    var octets: [UInt8] = []
    batch.withQuery(slot, &octets) { span, octets in
      for index in span.indices { octets.append(span[index]) }
    }
    return Datagram(
      octets: octets, client: batch.client(slot), destination: batch.destination(slot, of: socket))
  }

  private func message(_ number: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
  }

  // MARK: - Batches

  @Test(arguments: [1, 5, 31, 32, 33, 64, 100], [1, 32, 64])
  func `any number of datagrams comes in order and whole`(count: Int, slotCount: Int) throws {
    let server = try UDPSocket(.loopback())
    let client = try UDPSocket(.loopback())
    var batch = DatagramBatch(slotCount: slotCount)
    #expect(batch.capacity == slotCount)
    for number in 0..<count {
      client.send(message(number), to: server.local, from: client.local)
    }
    // All are in the queue: loopback delivers before sending returns. So batches are full.
    var sizes: [Int] = []
    var received: [[UInt8]] = []
    while received.count < count {
      let filled = batch.receive(from: server)
      sizes.append(filled)
      for slot in 0..<filled { received.append(datagram(slot, of: server, &batch).octets) }
      if filled == 0 { break }
    }
    #expect(received == (0..<count).map(message))
    #expect(sizes.dropLast().allSatisfy { $0 == slotCount })
    #expect(batch.receive(from: server) == 0)
  }

  @Test func `a full batch is answered with one send, in order`() throws {
    let server = try UDPSocket(.loopback())
    let client = try UDPSocket(.loopback())
    var batch = DatagramBatch(slotCount: 32)
    var replies = DatagramBatch(slotCount: 32)
    for number in 0..<100 { client.send(message(number), to: server.local, from: client.local) }
    _ = receive(100, from: server, &batch, echoes: true)
    let received = receive(100, from: client, &replies)
    #expect(received.map(\.octets) == (0..<100).map(message))
    #expect(received.allSatisfy { $0.client == server.local })
    #expect(batch.droppedReplyCount == 0)
  }

  @Test func `slots without a reply are left out`() throws {
    let server = try UDPSocket(.loopback())
    let client = try UDPSocket(.loopback())
    var batch = DatagramBatch(slotCount: 8)
    for number in 0..<8 { client.send(message(number), to: server.local, from: client.local) }
    let filled = batch.receive(from: server)
    #expect(filled == 8)
    for slot in [6, 1, 3] {
      let base = unsafe batch.replyBuffer(slot)
      unsafe base[0] = UInt8(slot)
      batch.queueReply(slot, length: 1)
    }
    batch.send(to: server)
    // What was sent is not sent again.
    batch.send(to: server)
    var replies = DatagramBatch(slotCount: 8)
    #expect(receive(3, from: client, &replies).map(\.octets) == [[6], [1], [3]])
    #expect(replies.receive(from: client) == 0)
  }

  @Test func `queued replies are forgotten with the next batch`() throws {
    let server = try UDPSocket(.loopback())
    let client = try UDPSocket(.loopback())
    var batch = DatagramBatch(slotCount: 4)
    client.send([1], to: server.local, from: client.local)
    #expect(receive(1, from: server, &batch).count == 1)
    batch.queueReply(0, length: 1)
    let filled = batch.receive(from: server)
    #expect(filled == 0)
    batch.send(to: server)
    var replies = DatagramBatch(slotCount: 4)
    #expect(replies.receive(from: client) == 0)
  }

  @Test(arguments: [-5, 0, 1, 64, 65, 1000])
  func `the number of slots is kept in bounds`(wish: Int) {
    let batch = DatagramBatch(slotCount: wish)
    #expect(batch.capacity == min(max(wish, 1), 64))
  }

  @Test(arguments: [-1, 2, 3, Int.max, Int.min])
  func `a slot that is not there has nothing and gets nothing`(slot: Int) throws {
    let server = try UDPSocket(.wildcard(isV6: false, port: 0))
    let client = try UDPSocket(.loopback())
    var batch = DatagramBatch(slotCount: 2)
    client.send([1, 2], to: .loopback(port: server.local.port), from: client.local)
    #expect(receive(1, from: server, &batch).count == 1)
    #expect(batch.client(slot) == .wildcard(isV6: false, port: 0))
    #expect(batch.destination(slot, of: server) == server.local)
    batch.queueReply(slot, length: 1)
    batch.queueReply(0, length: 0)
    batch.queueReply(0, length: -1)
    batch.send(to: server)
    var replies = DatagramBatch(slotCount: 2)
    #expect(replies.receive(from: client) == 0)
  }

  // MARK: - Sizes

  @Test(arguments: [0, 1, 11, 12, 512, 4096, 4097, 65_507])
  func `datagrams of every size come whole`(count: Int) throws {
    let server = try UDPSocket(.loopback())
    let client = try UDPSocket(.loopback())
    var batch = DatagramBatch(slotCount: 4)
    let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    client.send(octets, to: server.local, from: client.local)
    client.send([9], to: server.local, from: client.local)
    let received = receive(2, from: server, &batch, echoes: true)
    #expect(received.map(\.octets) == [octets, [9]])
    var replies = DatagramBatch(slotCount: 4)
    // An empty reply is none; one larger than its buffer is cut to it.
    let expected = count == 0 ? [[9]] : [Array(octets.prefix(4096)), [9]]
    #expect(receive(expected.count, from: client, &replies).map(\.octets) == expected)
  }

  @Test func `a shorter datagram leaves nothing of the longer one before`() throws {
    let server = try UDPSocket(.loopback())
    let client = try UDPSocket(.loopback())
    var batch = DatagramBatch(slotCount: 1)
    for octets in [[UInt8](repeating: 7, count: 2000), [1, 2, 3], []] {
      client.send(octets, to: server.local, from: client.local)
      #expect(receive(1, from: server, &batch).map(\.octets) == [octets])
    }
  }

  // MARK: - Addresses

  @Test(arguments: [
    (SocketAddress.wildcard(isV6: false, port: 0), SocketAddress.loopback(2)),
    (.wildcard(isV6: false, port: 0), .loopback(1)),
    (.wildcard(isV6: false, port: 0), .v4(0x7FFF_FFFE)),
    (.loopback(3), .loopback(3)), (.loopbackV6(), .loopbackV6()),
    (.wildcard(isV6: true, port: 0), .loopbackV6()),
  ])
  func `a reply leaves from the address that was asked`(
    bound: SocketAddress, asked: SocketAddress
  ) throws {
    let server = try UDPSocket(bound)
    #expect(server.needsPacketInfo == bound.isWildcard)
    let client = try UDPSocket(asked.isV6 ? .loopbackV6() : .loopback(77))
    let asked = asked.at(server.local.port)
    var batch = DatagramBatch(slotCount: 32)
    for number in 0..<40 { client.send(message(number), to: asked, from: client.local) }
    let received = receive(40, from: server, &batch, echoes: true)
    #expect(received.allSatisfy { $0.client == client.local })
    #expect(received.allSatisfy { $0.destination == asked })
    // Late replies too, which go without a batch.
    server.send([1, 2, 3], to: client.local, from: asked)
    var replies = DatagramBatch(slotCount: 32)
    let answers = receive(41, from: client, &replies)
    #expect(answers.map(\.octets) == (0..<40).map(message) + [[1, 2, 3]])
    #expect(answers.allSatisfy { $0.client == asked })
  }

  @Test func `one batch answers for several addresses and clients`() throws {
    let server = try UDPSocket(.wildcard(isV6: false, port: 0))
    let port = server.local.port
    let first = try UDPSocket(.loopback(50))
    let second = try UDPSocket(.loopback(51))
    for number in 0..<10 {
      let asked = SocketAddress.loopback(UInt8(number + 1), port: port)
      first.send(message(number), to: asked, from: first.local)
      second.send(message(number), to: asked, from: second.local)
    }
    var batch = DatagramBatch(slotCount: 32)
    #expect(receive(20, from: server, &batch, echoes: true).count == 20)
    let expected = (0..<10).map { SocketAddress.loopback(UInt8($0 + 1), port: port) }
    var replies = DatagramBatch(slotCount: 32)
    #expect(receive(10, from: first, &replies).map(\.client) == expected)
    #expect(receive(10, from: second, &replies).map(\.client) == expected)
  }

  @Test func `one batch serves sockets of both families and kinds in turn`() throws {
    let wildcard = try UDPSocket(.wildcard(isV6: false, port: 0))
    let specific = try UDPSocket(.loopback(2))
    let modern = try UDPSocket(.wildcard(isV6: true, port: 0))
    let client = try UDPSocket(.loopback(60))
    let modernClient = try UDPSocket(.loopbackV6())
    var batch = DatagramBatch(slotCount: 2)
    var replies = DatagramBatch(slotCount: 2)
    for _ in 0..<3 {
      let asked = SocketAddress.loopback(9, port: wildcard.local.port)
      client.send([1], to: asked, from: client.local)
      #expect(receive(1, from: wildcard, &batch, echoes: true).map(\.destination) == [asked])
      #expect(receive(1, from: client, &replies).map(\.client) == [asked])
      client.send([2], to: specific.local, from: client.local)
      #expect(
        receive(1, from: specific, &batch, echoes: true).map(\.destination) == [specific.local])
      #expect(receive(1, from: client, &replies).map(\.client) == [specific.local])
      let askedV6 = SocketAddress.loopbackV6(port: modern.local.port)
      modernClient.send([3], to: askedV6, from: modernClient.local)
      #expect(receive(1, from: modern, &batch, echoes: true).map(\.destination) == [askedV6])
      #expect(receive(1, from: modernClient, &replies).map(\.client) == [askedV6])
    }
  }

  @Test func `a reply that cannot be sent does not stop the others`() throws {
    let server = try UDPSocket(.wildcard(isV6: false, port: 0))
    let client = try UDPSocket(.loopback(61))
    let asked = SocketAddress.loopback(port: server.local.port)
    var batch = DatagramBatch(slotCount: 8)
    for number in 0..<3 { client.send(message(number), to: asked, from: client.local) }
    #expect(receive(3, from: server, &batch).count == 3)
    // IPv4 replies through an IPv6 socket: the kernel refuses each of them.
    let other = try UDPSocket(.wildcard(isV6: true, port: 0))
    for slot in 0..<3 { batch.queueReply(slot, length: 2) }
    batch.send(to: other)
    #expect(batch.droppedReplyCount == 3)
    for number in 0..<3 { client.send(message(number), to: asked, from: client.local) }
    #expect(receive(3, from: server, &batch, echoes: true).count == 3)
    var replies = DatagramBatch(slotCount: 8)
    #expect(receive(3, from: client, &replies).count == 3)
    #expect(batch.droppedReplyCount == 3)
  }
}
