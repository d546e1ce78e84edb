import DNSWire
import PluginChain
import Server
import Sockets
import TestSupport
import Testing

/// What plugins keep on a worker: served when there is something to do, on its thread alone.
@Suite(.timeLimit(.minutes(10))) struct ResidentTests {
  private let gate = Gate()

  private func chain(
    _ residents: [[TestResident]],
    onResume: @escaping @Sendable (borrowing Exchange) -> Void = { _ in }
  ) -> Chain {
    let gate = gate
    return Chain([{ ResidentHandler(residents, gate, next: $0, onResume: onResume) }])
  }

  /// Nothing but residents moves such a server.
  private func noSweeps(_ limits: inout ServerLimits) {
    limits.sweepMilliseconds = 1_000_000
    limits.waitingNanoseconds = 3_600_000_000_000
  }

  // MARK: - Served

  @Test func `a readable descriptor is served`() throws {
    let resident = try TestResident()
    let server = try TestServer(chain([[resident]]), residents: [[resident]], noSweeps)
    for count in 1...3 {
      resident.wakeup?.signal()
      #expect(waitUntil(.seconds(20), every: .milliseconds(1)) { resident.count >= count })
    }
    try server.expectAnswers()
    #expect(resident.count == 3, "and only then")
  }

  @Test(arguments: [true, false])
  func `a deadline is kept without any other event`(hasDescriptor: Bool) throws {
    let resident = try TestResident(hasDescriptor: hasDescriptor, repetitions: 20)
    let server = try TestServer(chain([[resident]]), residents: [[resident]], noSweeps)
    #expect(waitUntil(.seconds(20), every: .milliseconds(1)) { resident.count >= 21 })
    try server.expectAnswers()
    #expect(resident.count == 21)
  }

  @Test func `a deadline is kept while queries wait and connections are open`() throws {
    let gate = gate
    let resident = try TestResident(repetitions: 20)
    let server = try TestServer(chain([[resident]]), residents: [[resident]], noSweeps)
    let connection = try TCPConnection(to: server.client)
    try connection.send(.asking("s1.test"))
    let waiting = try #require(gate.arrival("s1.test."))
    #expect(waitUntil(.seconds(20), every: .milliseconds(1)) { resident.count >= 21 })
    server.resume(waiting)
    #expect(try connection.reply().answers.count == 1)
  }

  @Test func `one of two residents is served, not the other`() throws {
    let residents = [try TestResident(), try TestResident(), try TestResident(repetitions: 2)]
    let server = try TestServer(chain([residents]), residents: [residents], noSweeps)
    residents[1].wakeup?.signal()
    #expect(
      waitUntil(.seconds(20), every: .milliseconds(1)) {
        residents[1].count == 1 && residents[2].count == 3
      })
    try server.expectAnswers()
    #expect(residents.map(\.count) == [0, 1, 3])
  }

  @Test func `each worker has its own, on its own thread`() throws {
    let residents = try (0..<3).map { _ in [try TestResident(), try TestResident()] }
    let server = try TestServer(
      chain(residents), workerCount: 3, residents: residents, noSweeps)
    for resident in residents.flatMap(\.self) { resident.wakeup?.signal() }
    #expect(
      waitUntil(.seconds(20), every: .milliseconds(1)) {
        residents.flatMap(\.self).allSatisfy { $0.count > 0 }
      })
    // Queries and resumptions of a worker are on the same thread.
    for id in 1...30 as ClosedRange<UInt16> {
      let asker = try Asker(server, overTCP: id.isMultiple(of: 2))
      try asker.send(.asking("s1.test", id: id))
      let waiting = try #require(gate.arrival(id: id))
      residents[waiting.worker][0].finish([waiting.ticket])
      #expect(try asker.reply().answers.count == waiting.worker + 1)
    }
    #expect(residents.flatMap(\.self).allSatisfy { !$0.journal.all.contains("end") })
    server.stop()
    for resident in residents.flatMap(\.self) {
      #expect(resident.journal.all.count { $0 == "end" } == 1 && resident.journal.all.last == "end")
    }
    let threads = residents.map { $0.map(\.threadIDs) }
    for own in threads { #expect(own[0].count == 1 && own[1] == own[0]) }
    #expect(Set(threads.flatMap(\.self)).count == 3)
  }

  @Test func `workers without residents do without`() throws {
    let resident = try TestResident(repetitions: 3)
    let server = try TestServer(.answering(), workerCount: 2, residents: [[resident]], noSweeps)
    #expect(waitUntil(.seconds(20), every: .milliseconds(1)) { resident.count == 4 })
    try server.expectAnswers()
  }

  // MARK: - Finished

  @Test(arguments: overEither)
  func `finished tickets are resumed, then all is settled`(overTCP: Bool) throws {
    let resident = try TestResident()
    let server = try TestServer(chain([[resident]]), residents: [[resident]], noSweeps)
    let asker = try Asker(server, overTCP: overTCP)
    for id in 1...3 as ClosedRange<UInt16> { try asker.send(.asking("s\(id).test", id: id)) }
    let waiting = try (1...3).map { try #require(gate.arrival("s\($0).test.")) }
    resident.finish([waiting[2].ticket, .max, waiting[0].ticket, waiting[2].ticket])
    #expect(try [asker.reply().header.id, asker.reply().header.id] == [3, 1])
    #expect(waitUntil(.seconds(20)) { resident.journal.all.last == "settled" })
    #expect(resident.journal.all == ["serve", "resume s3.test.", "resume s1.test.", "settled"])
    resident.finish([waiting[1].ticket])
    #expect(try asker.reply().header.id == 2)
  }

  @Test func `tickets that a query finishes are resumed after the batch`() throws {
    let (gate, resident) = (gate, try TestResident(hasDescriptor: false))
    let finisher = Chain([
      {
        ClosureHandler(next: $0) { exchange in
          guard exchange.questionText == "all.test." else { return .unanswered }
          resident.finished += gate.all.map(\.ticket)
          return .dropped
        }
      }
    ])
    let zones = try ["all.test.", "."].map { try #require(DomainName(text: $0)) }
    let server = try TestServer(
      RouteTable([(zones[0], finisher), (zones[1], chain([[resident]]))]),
      residents: [[resident]], noSweeps)
    let asker = try Asker(server)
    for id in 1...3 as ClosedRange<UInt16> { try asker.send(.asking("s\(id).test", id: id)) }
    for id in 1...3 { _ = try #require(gate.arrival("s\(id).test.")) }
    try asker.send(.asking("all.test", id: 9))
    #expect(try (1...3).map { _ in try asker.reply().header.id } == [1, 2, 3])
  }

  @Test func `what a resumption finishes is resumed before all is settled`() throws {
    let (gate, resident) = (gate, try TestResident())
    let chain = chain([[resident]]) { exchange in
      guard exchange.questionText == "s1.test." else { return }
      resident.finished += gate.all.filter { $0.name == "s2.test." }.map(\.ticket)
    }
    let server = try TestServer(chain, residents: [[resident]], noSweeps)
    let asker = try Asker(server)
    for id in 1...2 as ClosedRange<UInt16> { try asker.send(.asking("s\(id).test", id: id)) }
    for id in 1...2 { _ = try #require(gate.arrival("s\(id).test.")) }
    resident.finish([try #require(gate.arrival("s1.test.")).ticket])
    #expect(try [asker.reply().header.id, asker.reply().header.id] == [1, 2])
    #expect(waitUntil(.seconds(20)) { resident.journal.all.last == "settled" })
    #expect(resident.journal.all == ["serve", "resume s1.test.", "resume s2.test.", "settled"])
  }

  @Test(arguments: [0, 1])
  func `a resumption may finish a wait at another resident`(first: Int) throws {
    let gate = gate
    let journal = Journal()
    let residents = [try TestResident(journal), try TestResident(journal)]
    let chain = chain([residents]) { exchange in
      guard exchange.questionText == "s1.test." else { return }
      residents[1 - first].finished += gate.all.filter { $0.name == "s2.test." }.map(\.ticket)
    }
    let server = try TestServer(chain, residents: [residents], noSweeps)
    let asker = try Asker(server)
    for id in 1...2 as ClosedRange<UInt16> { try asker.send(.asking("s\(id).test", id: id)) }
    for id in 1...2 { _ = try #require(gate.arrival("s\(id).test.")) }
    residents[first].finish([try #require(gate.arrival("s1.test.")).ticket])
    // Without sweeps and other events, only a worker that looks again gets to the second.
    #expect(try [asker.reply().header.id, asker.reply().header.id] == [1, 2])
    #expect(waitUntil(.seconds(20)) { journal.all.count == 5 })
    #expect(journal.all.count { $0 == "settled" } == 2)
  }

  @Test func `a sub-query waits for a resident, too`() throws {
    let (gate, resident) = (gate, try TestResident())
    let alias = Chain.doing { exchange in
      exchange.appendAlias(to: "s1.test.")
      exchange.aliasIsOurs = true
      return .answered
    }
    let zones = try ["a.test.", "."].map { try #require(DomainName(text: $0)) }
    let server = try TestServer(
      RouteTable([(zones[0], alias), (zones[1], chain([[resident]]))]),
      residents: [[resident]], noSweeps)
    let asker = try Asker(server)
    try asker.send(.asking("a.test"))
    resident.finish([try #require(gate.arrival("s1.test.")).ticket])
    #expect(try asker.reply().answers == ["a.test. CNAME s1.test.", "s1.test. A 192.0.2.1"])
  }
}
