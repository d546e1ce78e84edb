import DNSWire
import Dispatch
import Foundation
import RecordStore
import Synchronization
import Testing

/// One writer, several readers on threads of their own: within a snapshot all is of one state.
@Suite struct StoreConcurrencyTests {
  static let nameCount = 100
  static let roundCount = 300
  static let readerCount = 4
  static let snapshotCountMin = 2_000

  /// What readers and writer share.
  private final class Shared: Sendable {
    let store: RecordStore
    let isDone = Atomic<Bool>(false)
    let finished = DispatchSemaphore(value: 0)
    let snapshotCount = Atomic<Int>(0)
    let faults = Mutex<[String]>([])

    init(store: RecordStore) {
      self.store = store
    }
  }

  /// Names of a state: odd states have a second half of other names.
  private static func names(_ state: Int) -> [[UInt8]] {
    (0..<nameCount).map { relative($0 % 2 == 0 || state % 2 == 0 ? "n\($0).a" : "n\($0).b") }
  }

  private static let evenNames = names(0)
  private static let oddNames = names(1)

  /// Makes every name say `state`, in one edit.
  private static func write(_ store: RecordStore, _ state: Int) throws(StoreError) {
    let (names, others) =
      state % 2 == 0 ? (evenNames, oddNames) : (oddNames, evenNames)
    let kept = Set(names)
    try store.edit(now: 0) { edit throws(StoreError) in
      for name in others where !kept.contains(name) { try edit.remove(name, zone: 0) }
      for name in names {
        let list = Array(repeating: state, count: 1 + state % 4)
        try edit.set(name, zone: 0, [addresses(list, ttl: UInt32(state))])
      }
    }
  }

  /// What is wrong with a snapshot; `nil` when all names are of one state, not before `last`.
  private static func fault(_ snapshot: Snapshot, last: inout Int) -> String? {
    guard let first = snapshot.find(evenNames[0])?.set(.a) else { return "no name" }
    let state = Int(first.ttl)
    if state < last { return "state \(state) after \(last)" }
    last = state
    if Int(snapshot.serial) != state + 1 { return "serial \(snapshot.serial), state \(state)" }
    let (names, others) =
      state % 2 == 0 ? (evenNames, oddNames) : (oddNames, evenNames)
    for index in names.indices {
      guard let set = snapshot.find(names[index])?.set(.a) else { return "missing" }
      if Int(set.ttl) != state || set.count != 1 + state % 4 { return "mixed states" }
      if index % 2 == 1, snapshot.find(others[index]) != nil { return "left over" }
    }
    return nil
  }

  private static func startReader(_ number: Int, _ shared: Shared) {
    Thread.detachNewThread {
      var last = 0
      while !shared.isDone.load(ordering: .acquiring) {
        let snapshot = shared.store.enter(reader: number)
        let fault = fault(snapshot, last: &last)
        shared.store.leave(reader: number)
        shared.snapshotCount.wrappingAdd(1, ordering: .relaxed)
        if let fault {
          shared.faults.withLock { $0.append(fault) }
          break
        }
      }
      shared.finished.signal()
    }
  }

  @Test func `readers see one state at a time`() throws {
    let shared = Shared(store: try makeStore(serial: 0))
    // Serial and state go up together from here: state 0 is serial 1.
    try Self.write(shared.store, 0)
    for number in 0..<Self.readerCount { Self.startReader(number, shared) }
    let deadline = Date(timeIntervalSinceNow: 60)
    var round = 0
    while round < Self.roundCount
      || shared.snapshotCount.load(ordering: .relaxed) < Self.snapshotCountMin
    {
      round += 1
      try #require(Date() < deadline)
      try Self.write(shared.store, round)
      if !shared.faults.withLock({ $0.isEmpty }) { break }
    }
    shared.isDone.store(true, ordering: .releasing)
    for _ in 0..<Self.readerCount {
      #expect(shared.finished.wait(timeout: .now() + 60) == .success)
    }
    #expect(shared.faults.withLock { $0 } == [])
    // What was held while reading is free again: no more than one state and its snapshot.
    let before = shared.store.usedOctetCount
    for state in (round + 1)...(round + 8) { try Self.write(shared.store, state) }
    #expect(shared.store.usedOctetCount <= before * 2)
  }
}
