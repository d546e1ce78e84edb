import DNSWire
import Sockets
import TestSupport
import Testing
import Upstreams

/// Questions in flight on any worker.
@Suite struct FlightBoardTests {
  private func key(_ number: UInt8, isStream: Bool = false) -> FlightKey {
    FlightKey(
      UpstreamQuery(
        question: [1, number, 0, 0, 1, 0, 1], flags: 0x0100, edns: nil, isStream: isStream))
  }

  @Test func `the first worker asks, others are its guests, in order`() {
    let board = FlightBoard()
    #expect(!board.joins(key(1), worker: 0, ticket: 10))
    #expect(!board.joins(key(1), worker: 0, ticket: 11), "its own: joined by itself")
    #expect(board.joins(key(1), worker: 1, ticket: 20))
    #expect(board.joins(key(1), worker: 2, ticket: 30))
    #expect(board.joins(key(1), worker: 1, ticket: 21))
    let guests = board.leave(key(1), worker: 0)
    #expect(guests.map(\.worker) == [1, 2, 1])
    #expect(guests.map(\.ticket) == [20, 30, 21])
    #expect(board.count == 0)
  }

  @Test func `only the owner takes a question off`() {
    let board = FlightBoard()
    #expect(!board.joins(key(1), worker: 0, ticket: 1))
    #expect(board.joins(key(1), worker: 1, ticket: 2))
    #expect(board.leave(key(1), worker: 1).isEmpty)
    #expect(board.count == 1)
    #expect(board.leave(key(2), worker: 0).isEmpty)
    #expect(board.leave(key(1), worker: 0).count == 1)
    #expect(!board.joins(key(1), worker: 1, ticket: 3), "the next one may be anybody's")
  }

  @Test func `different questions are different`() {
    let board = FlightBoard()
    #expect(!board.joins(key(1), worker: 0, ticket: 1))
    #expect(!board.joins(key(2), worker: 1, ticket: 1))
    #expect(!board.joins(key(1, isStream: true), worker: 1, ticket: 2))
    #expect(board.count == 3)
  }

  @Test(.timeLimit(.minutes(10)))
  func `many workers at once: every ticket is owned or a guest, once`() throws {
    let board = FlightBoard()
    let (workerCount, roundCount) = (4, 2_000)
    let inboxes = (0..<workerCount).map { _ in GuestInbox() }
    var threads: [SystemThread] = []
    for worker in 0..<workerCount {
      threads.append(
        try SystemThread(name: "worker-\(worker)") {
          for round in 0..<roundCount {
            let key = FlightKey(
              UpstreamQuery(
                question: [2, UInt8(round >> 8), UInt8(round & 0xFF), 0, 0, 1, 0, 1], flags: 0,
                edns: nil, isStream: false))
            let ticket = UInt64(round)
            if board.joins(key, worker: worker, ticket: ticket) { continue }
            inboxes[worker].put(ticket, .failed(.network))
            for guest in board.leave(key, worker: worker) {
              inboxes[guest.worker].put(guest.ticket, .failed(.timedOut))
            }
          }
        })
    }
    for thread in threads { thread.join() }
    #expect(board.count == 0)
    for inbox in inboxes {
      let tickets = inbox.take().map(\.ticket).sorted()
      #expect(tickets == (0..<UInt64(roundCount)).map { $0 })
      #expect(inbox.take().isEmpty)
    }
  }
}
