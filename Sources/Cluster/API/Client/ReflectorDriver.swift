import Synchronization

/// Runs one reflector: sends its requests, hands it what comes back, and minds its deadlines.
/// Decoding and applying happen in its own tasks, never on the connections' thread.
package actor ReflectorDriver {
  private struct Published {
    var status: ReflectorStatus
    /// When it was true.
    var time: MonotonicTime
  }

  private let client: APIClient
  private let sink: any ReflectorSink
  private let start = ContinuousClock.now
  private let published: Mutex<Published>
  private var reflector: Reflector
  private var sync = ReflectorSync.never
  private var isStopped = false
  /// The request under way; there is never more than one.
  private var request: (id: UInt64, task: Task<Void, Never>)?
  private var renewal: Task<Void, Never>?
  /// The grant that was refused last.
  private var refusedGrant: UInt64 = 0
  private var timer: (time: MonotonicTime, task: Task<Void, Never>)?

  /// A driver that does nothing yet.
  package init(
    _ resource: APIResource, client: APIClient, options: ReflectorOptions = ReflectorOptions(),
    sink: any ReflectorSink
  ) {
    self.client = client
    self.sink = sink
    reflector = Reflector(resource, options: options)
    published = Mutex(Published(status: ReflectorStatus(resource: resource), time: .zero))
  }

  /// How it stands; from any thread.
  package nonisolated var status: ReflectorStatus {
    let now = ContinuousClock.now - start
    return published.withLock { published in
      var status = published.status
      status.age = status.age.map { $0 + max(.zero, now - published.time) }
      return status
    }
  }

  /// Follows the resource until the task is cancelled. Once only.
  package func run() async {
    perform(reflector.start(at: now))
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    await stop()
  }

  private func stop() async {
    let requestTask = request?.task
    perform(reflector.stop())
    isStopped = true
    timer?.task.cancel()
    renewal?.cancel()
    requestTask?.cancel()
    await requestTask?.value
    await renewal?.value
  }

  /// Time on a clock that goes on while the machine sleeps.
  private var now: MonotonicTime { ContinuousClock.now - start }

  // MARK: - Events and actions

  private func handle(_ event: ReflectorEvent) {
    guard !isStopped else { return }
    perform(reflector.handle(event, at: now))
  }

  /// Does what the reflector wants, in order, and what comes of that.
  private func perform(_ actions: [ReflectorAction]) {
    var waiting = actions[...]
    while let action = waiting.popFirst() {
      switch action {
      case .send(let id, let message): send(id, message)
      case .cancel(let id): if request?.id == id { request?.task.cancel() }
      case .refreshCredentials: renew()
      case .apply(let changes):
        if !sink.apply(changes) { waiting += reflector.handle(.rejected(changes), at: now) }
      case .tell(let notice): sink.tell(notice)
      }
    }
    publish()
    schedule()
  }

  private func publish() {
    let now = now
    var status = ReflectorStatus(resource: reflector.resource)
    status.sync = reflector.sync
    status.counters = reflector.counters
    status.objectCount = reflector.objectCount
    status.age = reflector.age(at: now)
    published.withLock { $0 = Published(status: status, time: now) }
    guard sync != reflector.sync else { return }
    sync = reflector.sync
    if sync == .synced { sink.didSync(reflector.resource.kind) }
  }

  private func send(_ id: UInt64, _ message: APIRequest) {
    request?.task.cancel()
    let exchange = APIExchange(id: id, request: message, resource: reflector.resource)
    request = (
      id,
      Task { [client] in
        await exchange.run(on: client) { event in
          await self.handle(event)
        } refused: { grant in
          await self.noteRefusal(grant)
        }
      }
    )
  }

  private func noteRefusal(_ grant: UInt64) { refusedGrant = grant }

  private func renew() {
    renewal?.cancel()
    renewal = Task { [client, refusedGrant] in
      await client.refreshCredentials(after: refusedGrant)
      handle(.credentialsRefreshed)
    }
  }

  // MARK: - Deadlines

  /// Sees to it that the reflector is looked at when its deadline comes. A deadline that moved away
  /// is left to the timer that is there: it looks again.
  private func schedule() {
    guard !isStopped, let deadline = reflector.deadline else { return }
    if let timer, timer.time <= deadline { return }
    timer?.task.cancel()
    let pause = max(.zero, deadline - now)
    timer = (
      deadline,
      Task {
        do {
          try await Task.sleep(for: pause, tolerance: .zero)
        } catch {
          return
        }
        wake()
      }
    )
  }

  private func wake() {
    guard !isStopped, !Task.isCancelled else { return }
    timer = nil
    if let deadline = reflector.deadline, now >= deadline {
      handle(.timer)
    } else {
      schedule()
    }
  }
}
