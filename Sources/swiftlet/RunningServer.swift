import Corefile
import DNSWire
import PluginChain
import Server

/// The server and everything beside it, from one Corefile to the next.
///
/// A reload parses, binds and starts what is new first and goes over to it then; whatever fails
/// before changes nothing. What the Corefile says as before stays: sockets, watches, stores,
/// caches, connections and counters.
actor RunningServer {
  /// What became of a reload.
  enum Outcome: Equatable {
    /// The new Corefile is served.
    case done
    /// It is the one that is served.
    case unchanged
    /// It is not served; `mayPass` when the same text may work later.
    case failed(mayPass: Bool)
  }

  private struct RunningPart {
    let part: Part
    let task: Task<Void, Never>
  }

  let server: DNSServer
  private let path: String?
  let defaultPort: UInt16
  private let workerCount: Int
  private let log: OutputLog
  private(set) var current: LoadedCorefile
  private var parts: [RunningPart] = []
  /// A text that cannot be served, so that it is not told again and again.
  private var rejectedDigest = ""
  /// A part of what is served could not be started again after it gave way in vain.
  private var lacksPart = false
  private var isStarted = false
  private var isStopping = false

  /// A server that serves `loaded`, whose parts are prepared and not run yet.
  init(
    _ server: DNSServer, _ loaded: LoadedCorefile, path: String?, defaultPort: UInt16,
    workerCount: Int, log: OutputLog
  ) {
    self.server = server
    current = loaded
    self.path = path
    self.defaultPort = defaultPort
    self.workerCount = workerCount
    self.log = log
  }

  /// What is followed for changes, and how; no policy when nothing is.
  var followed: (files: [String], policy: ReloadPolicy?) {
    (current.files, current.files.isEmpty ? nil : current.setup.reload)
  }

  /// How long to serve on once the server is told to end.
  var lameduck: Duration { current.setup.lameduck }

  // MARK: - Parts

  /// Runs the parts of the first Corefile; once.
  func start() {
    if isStarted { return }
    isStarted = true
    current.setup.kept.settle()
    current.setup.reloadState.serves(digest: current.digest)
    for part in current.setup.parts { run(part) }
  }

  /// Ends all parts.
  func stop() async {
    isStopping = true
    for running in parts { running.task.cancel() }
    for running in parts { await running.task.value }
    parts = []
  }

  private func run(_ part: Part) {
    let task = Task { [log] in
      do {
        try await part.run()
      } catch is CancellationError {
      } catch {
        log.write(.error, "\(error)")
      }
    }
    parts.append(RunningPart(part: part, task: task))
  }

  private func isRunning(_ part: Part) -> Bool {
    part.key != nil && parts.contains { $0.part.key == part.key }
  }

  // MARK: - Reloading

  /// Serves the Corefile as it is now. `isAsked`: somebody wants it, whether it changed or not.
  func reload(isAsked: Bool) async -> Outcome {
    if isStopping { return .unchanged }
    // A signal may come before anything else does: what runs already must be known.
    start()
    if path == "stdin" || path == "-" {
      log.write(.warning, "plugin/reload: a Corefile from standard input cannot be read again")
      return .unchanged
    }
    let text: CorefileText
    do throws(StartError) {
      // A file that was there and is not is about to be replaced.
      text = try CorefileText(path, allowsDefault: current.files.isEmpty)
    } catch {
      if isAsked { log.write(.error, "plugin/reload: \(error)") }
      return .failed(mayPass: true)
    }
    let isKnown = text.digest == current.digest && !lacksPart
    if !isAsked, isKnown || text.digest == rejectedDigest {
      return .unchanged
    }
    let loaded = text.setUp(
      workerCount: workerCount, defaultPort: defaultPort, log: log,
      kept: KeptState(after: current.setup.kept))
    for problem in loaded.diagnostics where problem.severity != .error {
      log.write(.warning, "\(problem)")
    }
    guard !loaded.hasErrors else {
      for problem in loaded.diagnostics where problem.severity == .error {
        log.write(.error, "\(problem)")
      }
      rejectedDigest = loaded.digest
      return fail("it has errors", mayPass: false)
    }
    return await goOver(to: loaded)
  }

  private func goOver(to loaded: LoadedCorefile) async -> Outcome {
    let keys = Set(loaded.setup.parts.compactMap(\.key))
    let coming = loaded.setup.parts.filter { !isRunning($0) }
    let claims = Set(coming.compactMap(\.claim))
    // What only one can hold is given up first.
    let yielding = parts.filter { running in
      !keys.contains(running.part.key ?? "") && claims.contains(running.part.claim ?? "")
    }
    await end(yielding)
    var prepared: [Part] = []
    do {
      for part in coming {
        prepared.append(part)
        try await part.prepare(.serve)
      }
      try await waitUntilReady(loaded)
      // Last: a bound socket gets queries.
      let listeners = try planListeners(
        loaded.blocks, ownZones: loaded.setup.ownZones.zones, defaultPort: defaultPort)
      let change = try server.prepare(listeners)
      await server.make(change, residents: loaded.setup.residents)
    } catch let error as ListenError {
      return await giveUp(
        prepared, yielding.map(\.part), "listen \(Endpoint.text(error.address)): \(error.cause)")
    } catch {
      return await giveUp(prepared, yielding.map(\.part), "\(error)")
    }
    for adopt in loaded.setup.adoptions { adopt() }
    let left = parts.filter { !keys.contains($0.part.key ?? "") }
    parts.removeAll { running in left.contains { $0.task == running.task } }
    for part in prepared { run(part) }
    for running in left { running.task.cancel() }
    current = loaded
    lacksPart = false
    rejectedDigest = ""
    loaded.setup.kept.settle()
    loaded.setup.reloadState.serves(digest: loaded.digest)
    log.write(.info, "plugin/reload: serving the Corefile with SHA512 \(loaded.digest)")
    return .done
  }

  /// How long what is new may take to be ready, in the place of something that is.
  private static let readyPatience = Duration.seconds(20)

  /// Waits for the plugins of `loaded`: a server that is ready does not become one that is not.
  private func waitUntilReady(_ loaded: LoadedCorefile) async throws {
    guard current.setup.readinessChecks.allSatisfy({ $0.isReady() }) else { return }
    let deadline = ContinuousClock.now + Self.readyPatience
    while let late = loaded.setup.readinessChecks.first(where: { !$0.isReady() }) {
      guard !isStopping else { throw StartError("the server ends") }
      guard ContinuousClock.now < deadline else {
        throw StartError("\(late.name) is not ready as it is there, and it is as it was")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func end(_ ending: [RunningPart]) async {
    parts.removeAll { running in ending.contains { $0.task == running.task } }
    for running in ending { running.task.cancel() }
    for running in ending { await running.task.value }
  }

  /// Ends what was begun for a Corefile that will not be served, and starts what gave way for it.
  private func giveUp(
    _ prepared: [Part], _ yielded: [Part], _ reason: String
  ) async -> Outcome {
    for part in prepared {
      let task = Task { try await part.run() }
      task.cancel()
      _ = await task.result
    }
    for part in yielded where !isStopping {
      do {
        try await part.prepare(.serve)
        run(part)
      } catch {
        lacksPart = true
        log.write(.error, "\(error)")
      }
    }
    return fail(reason, mayPass: true)
  }

  private func fail(_ reason: String, mayPass: Bool) -> Outcome {
    current.setup.reloadState.countFailure()
    log.write(
      .error,
      "plugin/reload: the Corefile changed and is not served: \(reason); the one before still is")
    return .failed(mayPass: mayPass)
  }
}
