import PluginChain
import ServiceLifecycle
import Sockets
import UnixSignals

/// Reloads when the Corefile changes (`reload`) or somebody asks for it (SIGUSR1), one after the
/// other. What failed and may pass, such as a port still taken, is tried again.
struct ReloadService: Service {
  let running: RunningServer
  /// SIGUSR1, trapped before the server was there to be found.
  let asks: UnixSignalsSequence
  let log: OutputLog

  /// Between two tries at first, and at most.
  private static let retryMin = Duration.seconds(1)
  private static let retryMax = Duration.seconds(30)

  /// Reasons that may wait while a reload goes on: enough that a signal is not lost among events.
  private static let triggerCountMax = 64

  private enum Trigger: Sendable {
    case changed
    case asked
    case retry
  }

  func run() async throws {
    let watch = try CorefileWatch(log: log)
    let followed = await running.followed
    watch.follow(followed.files, followed.policy)
    let (triggers, continuation) = AsyncStream<Trigger>.makeStream(
      bufferingPolicy: .bufferingNewest(Self.triggerCountMax))
    let thread = try SystemThread(name: "reload") { watch.run { continuation.yield(.changed) } }
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for await _ in asks { continuation.yield(.asked) }
        }
        group.addTask { await follow(triggers, continuation, watch) }
        await group.waitForAll()
      }
    }
    watch.stop()
    thread.join()
  }

  private func follow(
    _ triggers: AsyncStream<Trigger>, _ continuation: AsyncStream<Trigger>.Continuation,
    _ watch: CorefileWatch
  ) async {
    var pause = Self.retryMin
    var retry: Task<Void, Never>?
    for await trigger in triggers {
      retry?.cancel()
      if case .asked = trigger { log.write(.info, "SIGUSR1: reloading") }
      let isAsked = if case .asked = trigger { true } else { false }
      let outcome = await running.reload(isAsked: isAsked)
      guard case .failed(mayPass: true) = outcome else {
        pause = Self.retryMin
        if outcome == .done {
          let followed = await running.followed
          watch.follow(followed.files, followed.policy)
        }
        continue
      }
      let delay = pause
      pause = min(pause * 2, Self.retryMax)
      retry = Task {
        guard (try? await Task.sleep(for: delay)) != nil else { return }
        continuation.yield(.retry)
      }
    }
    retry?.cancel()
  }
}
