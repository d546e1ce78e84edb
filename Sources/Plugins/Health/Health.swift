import PluginChain
import Sockets

/// `health`: `GET /health` says 200 for as long as the process serves, also while it is about to
/// end.
///
/// The page is served off the workers' threads: queries that keep those busy do not make the
/// process look dead. Every second the endpoint asks itself how long that takes.
package final class Health: Sendable {
  private let counters: HealthCounters
  private let log: any LogSink

  /// An endpoint that counts its own requests in `counters`.
  init(counters: HealthCounters, log: any LogSink) {
    self.counters = counters
    self.log = log
  }

  /// Asks the endpoint itself, until cancelled.
  func watch(host: String, port: Int) async {
    let watch = HealthWatch.address(host: host, port: port).flatMap {
      try? HealthWatch($0, counters: counters, log: log)
    }
    let thread = watch.flatMap { watch in
      try? SystemThread(name: "health") { watch.run() }
    }
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    watch?.stop()
    thread?.join()
  }
}
