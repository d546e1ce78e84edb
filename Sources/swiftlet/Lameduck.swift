import Corefile
import Glibc
import PluginChain
import ServiceLifecycle
import UnixSignals

/// The time between being told to end and ending: queries are answered and the cluster is watched
/// as before, while `ready` says that nobody should be sent here any more.
///
/// It stands last among the services: the group tells them to end from the last to the first, each
/// when the one behind it has ended.
struct Lameduck: Service {
  /// What `ready` and others ask.
  let ending: Ending
  /// How long it goes on.
  let duration: @Sendable () async -> Duration
  let log: OutputLog

  /// The exit code of CoreDNS when it is interrupted while it ends.
  private static let interruptedExitCode: Int32 = 2

  func run() async throws {
    do {
      try await gracefulShutdown()
    } catch {
      return
    }
    ending.begin()
    let duration = await duration()
    guard duration > .zero else { return }
    log.write(.info, "plugin/health: going on for \(GoDuration.text(duration)) before the end")
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await Task.sleep(for: duration) }
      group.addTask { await endWhenInterrupted() }
      _ = await group.next()
      group.cancelAll()
    }
  }

  /// Who interrupts a second time wants the end now.
  private func endWhenInterrupted() async {
    for await _ in await UnixSignalsSequence(trapping: .sigint) {
      log.flush()
      _exit(Self.interruptedExitCode)
    }
  }
}
