import Files
import Synchronization

/// Saves the objects of a cluster while they are known for sure, and has those that were saved
/// before when the API server is out of reach at the start.
///
/// Saved objects are loaded before anything of the API server's is: its lists then go over them
/// like over any objects, so that nothing older ever replaces something newer.
package final class ObjectsKeeper: Sendable {
  /// Times.
  package struct Options: Sendable {
    /// Time between two saves, at least.
    package var interval = Duration.seconds(30)
    /// How often changes are looked for.
    package var pause = Duration.seconds(1)
    /// How long the disk may take to read the file at the start.
    package var readLimit = Duration.seconds(2)
    /// How long the disk may take until it is said that it does not answer.
    package var saveLimit = Duration.seconds(60)
    /// How long the end waits for the last save.
    package var endLimit = Duration.seconds(3)

    /// What suits a server.
    package init() {}
  }

  /// What was done so far.
  package struct Counters: Hashable, Sendable {
    /// Files that were written.
    package var saveCount = 0
    /// Files that could not be written.
    package var saveFailureCount = 0
    /// Starts with a file whose objects were taken, with one that was refused, and with none.
    package var loadedCount = 0
    /// See `loadedCount`.
    package var refusedCount = 0
    /// See `loadedCount`.
    package var missingCount = 0
  }

  private struct State {
    var counters = Counters()
    var schedule: SavingSchedule
    /// When the objects of the file were known for sure.
    var loadedTime: UInt64?
    var isSaving = false
    /// What was told last of a failure; empty when saving works.
    var failure = ""
    /// The file as this keeper read or wrote it.
    var status = FileStatus.missing
  }

  private let file: SavedObjectsFile
  private let records: ClusterRecords
  private let options: Options
  private let state: Mutex<State>
  private let tell: ClusterFollower.Tell
  private let start = ContinuousClock.now

  /// A keeper that has done nothing yet.
  package init(
    _ file: SavedObjectsFile, of records: ClusterRecords, options: Options = Options(),
    tell: @escaping ClusterFollower.Tell
  ) {
    self.file = file
    self.records = records
    self.options = options
    self.tell = tell
    state = Mutex(State(schedule: SavingSchedule(interval: options.interval)))
  }

  /// What was done so far.
  package var counters: Counters { state.withLock { $0.counters } }

  /// Seconds since the answers were known for sure; `nil` while none of them is from the file.
  package var age: UInt64? {
    guard records.isStale, let time = state.withLock({ $0.loadedTime }) else { return nil }
    return Self.age(time)
  }

  private static func now() -> UInt64 { UInt64(clamping: WallClock.now) }

  private static func age(_ time: UInt64) -> UInt64 { max(now(), time) - time }

  // MARK: - Loading

  /// Reads the file and keeps its objects, before anything else is known. Whether there are any.
  package func load() async -> Bool {
    let result = await Waiting.onThread(atMost: options.readLimit) { [file] in
      let status = PosixFile.status(file.path)
      return Result { () throws(SavedObjectsProblem) in (try file.read(), status) }
    }
    do throws(SavedObjectsProblem) {
      guard let result else { throw .unreadable("the disk does not answer") }
      let (saved, status) = try result.get()
      try records.load(saved)
      state.withLock { state in
        state.loadedTime = saved.time
        state.status = status
        state.counters.loadedCount += 1
      }
      return true
    } catch {
      state.withLock { state in
        if error == .missing {
          state.counters.missingCount += 1
        } else {
          state.counters.refusedCount += 1
        }
      }
      if error != .missing { warn("the snapshot \(file.path) is not used: \(error)") }
      return false
    }
  }

  /// Serves what was loaded, unless everything is known for sure by now. Whether anything is.
  package func serve() -> Bool {
    do {
      let isServed = try records.declareStale(now: UInt32(truncatingIfNeeded: Self.now()))
      if isServed, let age {
        warn(
          "the API server is out of reach: answering from the snapshot \(file.path), "
            + "\(age) s old, until everything is known again")
      }
      return isServed || records.isReady
    } catch {
      warn("the record store is full: the snapshot \(file.path) is not served")
      return false
    }
  }

  // MARK: - Saving

  /// Saves what changes until the task is cancelled. `age` is how long it may be since the API
  /// server had just what is known.
  package func run(age: @Sendable () -> Duration?) async {
    while !Task.isCancelled {
      let isDue = state.withLock { state in
        records.isCurrent && !state.isSaving
          && state.schedule.isDue(records.changeCount, at: ContinuousClock.now - start)
      }
      if isDue { await save(age: age(), atMost: options.saveLimit) }
      try? await Task.sleep(for: options.pause)
    }
  }

  /// Saves for the last time, also when nothing changed: the file's time is then as late as it can
  /// be. Not when nothing is known for sure, nor over a file that another keeper wrote since. Waits
  /// for the disk no longer than it may.
  package func saveAtEnd(age: Duration?) async {
    let end = ContinuousClock.now + options.endLimit
    while state.withLock({ $0.isSaving }), ContinuousClock.now < end {
      try? await Task.sleep(for: .milliseconds(10))
    }
    let mayWrite = state.withLock { state in
      !state.isSaving && PosixFile.status(file.path) == state.status
    }
    guard records.isCurrent, mayWrite else { return }
    await save(age: age, atMost: max(.zero, end - ContinuousClock.now))
  }

  private func save(age: Duration?, atMost limit: Duration) async {
    let changeCount = records.changeCount
    let seconds = UInt64(clamping: (age ?? .zero).components.seconds)
    let time = Self.now() - min(Self.now(), seconds)
    state.withLock { state in
      state.isSaving = true
      state.schedule.begin(at: ContinuousClock.now - start)
    }
    let result = await Waiting.onThread(atMost: limit) { [self] in
      let result = Result { () throws(PosixProblem) in try file.save(records, time: time) }
      note(result, changeCount)
      return true
    }
    if result == nil, !Task.isCancelled { noteFailure("the disk does not answer") }
  }

  private func note(_ result: Result<Void, PosixProblem>, _ changeCount: Int) {
    switch result {
    case .success:
      let hadFailed = state.withLock { state in
        defer { state.failure = "" }
        state.isSaving = false
        state.counters.saveCount += 1
        state.schedule.succeed(changeCount)
        state.status = PosixFile.status(file.path)
        return !state.failure.isEmpty
      }
      if hadFailed {
        tell(ReflectorNotice(severity: .info, message: "the snapshot \(file.path) is saved again"))
      }
    case .failure(let problem):
      state.withLock { $0.isSaving = false }
      noteFailure(problem.message)
    }
  }

  /// Tells of a failure, once until it is another one or has passed.
  private func noteFailure(_ message: String) {
    let isNews = state.withLock { state in
      defer { state.failure = message }
      state.counters.saveFailureCount += 1
      return state.failure != message
    }
    if isNews { warn("the snapshot \(file.path) cannot be saved: \(message)") }
  }

  private func warn(_ message: String) {
    tell(ReflectorNotice(severity: .warning, message: message))
  }
}
