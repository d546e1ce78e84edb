import PluginChain
import Synchronization
import Testing

/// What workers count and `prometheus` reads.
@Suite struct MetricsTests {
  @Test func `numbers are the sums over all workers`() {
    let counters = WorkerCounters(workerCount: 3)
    for worker in 0..<3 {
      counters.add(0, worker: worker)
      counters.add(1, worker: worker, worker * 10)
    }
    counters.add(1, worker: 2, -5)
    #expect(counters.total(0) == 3)
    #expect(counters.total(1) == 25)
    #expect((2..<WorkerCounters.countMax).allSatisfy { counters.total($0) == 0 })
  }

  @Test func `every number of a set is one of its own`() {
    let counters = WorkerCounters(workerCount: 1)
    for index in 0..<WorkerCounters.countMax { counters.add(index, worker: 0, index + 1) }
    let totals = (0..<WorkerCounters.countMax).map { counters.total($0) }
    #expect(totals == Array(1...WorkerCounters.countMax))
  }

  @Test(arguments: [-1, WorkerCounters.countMax, Int.max, Int.min])
  func `a number that there is not is not counted`(index: Int) {
    let counters = WorkerCounters(workerCount: 1)
    counters.add(index, worker: 0)
    #expect(counters.total(index) == 0)
    #expect((0..<WorkerCounters.countMax).allSatisfy { counters.total($0) == 0 })
  }

  @Test(arguments: [-1, 2, Int.max, Int.min])
  func `a worker that there is not counts nothing`(worker: Int) {
    let counters = WorkerCounters(workerCount: 2)
    counters.add(0, worker: worker)
    #expect(counters.total(0) == 0)
  }

  @Test(arguments: [0, -1])
  func `there is one worker at least`(workerCount: Int) {
    let counters = WorkerCounters(workerCount: workerCount)
    counters.add(3, worker: 0)
    #expect(counters.total(3) == 1)
  }

  @Test func `a number that is too large starts over instead of ending the program`() {
    let counters = WorkerCounters(workerCount: 2)
    counters.add(0, worker: 0, .max)
    counters.add(0, worker: 0)
    #expect(counters.total(0) == .min)
    counters.add(0, worker: 1, .min)
    #expect(counters.total(0) == 0)
  }

  @Test func `workers count at the same time, each for itself`() async {
    let counters = WorkerCounters(workerCount: 4)
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask { for _ in 0..<10_000 { counters.add(0, worker: worker) } }
      }
    }
    #expect(counters.total(0) == 40_000)
  }

  @Test(arguments: [(MetricFamily.Kind.counter, "counter"), (.gauge, "gauge")])
  func `a family reads its samples when it is asked`(kind: MetricFamily.Kind, word: String) {
    let value = Atomic<Int>(1)
    let family = MetricFamily(kind, "swiftlet_tests", "Tests so far.") {
      [.init([("b", "2"), ("a", "1")], Double(value.load(ordering: .relaxed)))]
    }
    #expect(family.kind.rawValue == word)
    #expect(family.name == "swiftlet_tests")
    #expect(family.help == "Tests so far.")
    #expect(family.read().map(\.value) == [1])
    value.store(7, ordering: .relaxed)
    #expect(family.read().map(\.value) == [7])
    #expect(family.read().first?.labels.map { "\($0.name)=\($0.value)" } == ["b=2", "a=1"])
  }

  // MARK: - Residents

  /// A resident that knows its worker.
  private final class Numbered: Resident, @unchecked Sendable {
    let worker: Int

    init(worker: Int) {
      self.worker = worker
      super.init()
    }
  }

  /// Takes no lines.
  private struct NoLog: LogSink {
    func write(_ level: LogLevel, _ line: String) {}
    func setDebug(_ isOn: Bool) {}
  }

  @Test func `a resident that overrides nothing wants nothing`() {
    let resident = Resident()
    #expect(resident.descriptor == -1)
    #expect(resident.deadline == .max)
    #expect(resident.finished.isEmpty)
    resident.serve(now: 5)
    resident.settled()
    #expect(resident.deadline == .max && resident.finished.isEmpty)
  }

  @Test func `every worker gets the residents of every plugin, in order`() {
    var setup = ServerSetup(workerCount: 3, log: NoLog())
    #expect(setup.residents.map(\.count) == [0, 0, 0])
    let first = setup.addResidents { Numbered(worker: $0) }
    let second = setup.addResidents { Numbered(worker: $0 + 10) }
    #expect(first.map(\.worker) == [0, 1, 2])
    #expect(second.map(\.worker) == [10, 11, 12])
    let numbers = setup.residents.map { $0.compactMap { ($0 as? Numbered)?.worker } }
    #expect(numbers == [[0, 10], [1, 11], [2, 12]])
    #expect(setup.residents[1].first === first[1])
  }
}
