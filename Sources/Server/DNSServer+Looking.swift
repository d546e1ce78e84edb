import PluginChain
import Sockets
import Synchronization

extension DNSServer {
  /// How long a worker may take to get to a job: it has its batch in milliseconds.
  private static let jobLimit = Duration.seconds(2)

  /// What would be answered to each of `queries` from `client`, over `routes` of the Corefile that
  /// is served: asked on a worker, in between; `nil` when it has no time, or has ended.
  package func rehearse(
    _ queries: [[UInt8]], from client: TransportAddress, _ routes: RouteTable
  ) async -> [SingleQuery.Result]? {
    await perform(worker: 0) {
      let single = SingleQuery(routes, client: client, worker: 0)
      return queries.map { single.ask($0) }
    }
  }

  /// The last failures of all workers, the newest first; `nil` when a worker has no time.
  package func failures() async -> [FailureRecord]? {
    guard let lists = await readAll({ $0.failureRecords }) else { return nil }
    // Newest first within a worker too, where times are equal: sorting keeps their order.
    let all = lists.flatMap { $0.reversed() }.sorted { $0.milliseconds > $1.milliseconds }
    return Array(all.prefix(WorkerObserver.failureCountMax))
  }

  /// Who asks most, over all workers; `nil` when a worker has no time.
  package func top() async -> TopReading? {
    await readAll({ $0.topReading }).map { TopReading(sumOf: $0) }
  }

  private func readAll<Result: Sendable>(
    _ read: @escaping @Sendable (WorkerObserver) -> Result
  ) async -> [Result]? {
    var results: [Result] = []
    for (index, observer) in observers.enumerated() {
      guard let result = await perform(worker: index, { read(observer) }) else { return nil }
      results.append(result)
    }
    return results
  }

  /// Does `body` on a worker's thread; `nil` when that has not happened in time.
  private func perform<Result: Sendable>(
    worker: Int, _ body: @escaping @Sendable () -> Result
  ) async -> Result? {
    guard mailboxes.indices.contains(worker) else { return nil }
    let promise = Promise<Result>()
    let timer = Task {
      guard (try? await Task.sleep(for: Self.jobLimit)) != nil else { return }
      promise.keep(nil)
    }
    defer { timer.cancel() }
    let isTaken = mailboxes[worker].perform {
      if promise.isOpen { promise.keep(body()) }
    }
    if !isTaken { promise.keep(nil) }
    return await promise.value()
  }
}

/// One value, from whoever is first to give it; awaited once.
private final class Promise<Value: Sendable>: Sendable {
  private enum State {
    case open
    case awaited(CheckedContinuation<Value?, Never>)
    case kept(Value?)
  }

  private let state = Mutex(State.open)

  var isOpen: Bool {
    state.withLock { if case .kept = $0 { false } else { true } }
  }

  func keep(_ value: Value?) {
    let waiting = state.withLock { state -> CheckedContinuation<Value?, Never>? in
      switch state {
      case .kept: return nil
      case .open:
        state = .kept(value)
        return nil
      case .awaited(let continuation):
        state = .kept(value)
        return continuation
      }
    }
    waiting?.resume(returning: value)
  }

  func value() async -> Value? {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state -> Value?? in
        if case .kept(let value) = state { return .some(value) }
        state = .awaited(continuation)
        return .none
      }
      if let known { continuation.resume(returning: known) }
    }
  }
}
