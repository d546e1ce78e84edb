import DNSWire
import Glibc
import PluginChain
import Sockets
import Synchronization

/// A resident that can be woken, has deadlines, and is told which tickets are finished.
final class TestResident: Resident, @unchecked Sendable {
  /// Wakes it from any thread; without a descriptor nothing does.
  let wakeup: Wakeup?
  /// What happened here, in order: `serve`, `resume <name>`, `settled`,
  /// `end`.
  let journal: Journal
  private let threads = Mutex<Set<UInt>>([])
  private let handedOver = Mutex<[UInt64]>([])
  private let serveCount = Atomic<Int>(0)
  private let repetitions: Int

  /// A resident that wants to be served at once and then `repetitions` times again, each a
  /// millisecond later; not at all when that is `nil`.
  init(hasDescriptor: Bool = true, repetitions: Int? = nil, _ journal: Journal = Journal()) throws {
    wakeup = hasDescriptor ? try Wakeup() : nil
    self.journal = journal
    self.repetitions = repetitions ?? 0
    super.init()
    if repetitions != nil { deadline = 1 }
  }

  /// How often it was served.
  var count: Int { serveCount.load(ordering: .sequentiallyConsistent) }
  /// The threads that it saw.
  var threadIDs: Set<UInt> { threads.withLock { $0 } }

  /// Lets it put `tickets` into `finished`.
  func finish(_ tickets: [UInt64]) {
    handedOver.withLock { $0 += tickets }
    wakeup?.signal()
  }

  override var descriptor: Int32 { wakeup?.number ?? -1 }

  override func serve(now: UInt64) {
    noteThread()
    wakeup?.clear()
    let number = serveCount.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    if deadline != .max { deadline = number > repetitions ? .max : now + 1_000_000 }
    let tickets = handedOver.withLock { tickets in
      defer { tickets = [] }
      return tickets
    }
    guard !tickets.isEmpty else { return }
    journal.write("serve")
    finished += tickets
  }

  override func settled() {
    noteThread()
    journal.write("settled")
  }

  override func end() {
    noteThread()
    journal.write("end")
  }

  /// Notes the thread that calls.
  func noteThread() {
    _ = threads.withLock { $0.insert(UInt(pthread_self())) }
  }
}

/// Lines, in order.
final class Journal: Sendable {
  private let lines = Mutex<[String]>([])

  /// All lines so far.
  var all: [String] { lines.withLock { $0 } }

  /// Adds one line.
  func write(_ line: String) {
    lines.withLock { $0.append(line) }
  }
}

/// Makes questions wait for the resident of their worker: those under `s1.` for the first, `s2.`
/// for the second and so on; answers the others with the worker's number as the count of addresses.
final class ResidentHandler: Handler, @unchecked Sendable {
  private let residents: [[TestResident]]
  private let gate: Gate
  private let onResume: @Sendable (borrowing Exchange) -> Void

  /// A handler over residents by worker, each with as many; `onResume` is called before the answer.
  init(
    _ residents: [[TestResident]], _ gate: Gate, next: Handler? = nil,
    onResume: @escaping @Sendable (borrowing Exchange) -> Void = { _ in }
  ) {
    self.residents = residents
    self.gate = gate
    self.onResume = onResume
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    for resident in residents[exchange.worker] { resident.noteThread() }
    guard exchange.name.label(0).first == UInt8(ascii: "s") else { return answer(&exchange) }
    gate.add(
      Gate.Waiting(
        worker: exchange.worker, ticket: exchange.ticket, id: exchange.header.id,
        name: exchange.questionText))
    return waits(&exchange)
  }

  override func resume(_ exchange: inout Exchange) -> Outcome {
    let own = residents[exchange.worker]
    for resident in own { resident.noteThread() }
    own.first?.journal.write("resume \(exchange.questionText)")
    onResume(exchange)
    return answer(&exchange)
  }

  private func answer(_ exchange: inout Exchange) -> Outcome {
    for _ in 0...exchange.worker where exchange.appendAddress() {}
    return answered(&exchange)
  }
}
