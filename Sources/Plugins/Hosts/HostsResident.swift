import PluginChain
import Sockets

/// What `hosts` keeps on one worker: its own copy of the table.
package final class HostsResident: Resident, @unchecked Sendable {
  /// The table, as of the last `follow`.
  private(set) var table: HostTable
  private let source: HostsSource
  private var generation: UInt64
  /// There from `open` on, before the worker starts.
  private var wakeup: Wakeup?

  /// A resident with the source's table.
  package init(_ source: HostsSource) {
    self.source = source
    var generation: UInt64 = 0
    table = source.take(&generation)
    self.generation = generation
    super.init()
  }

  /// Makes ready to be told of new tables; before the worker starts.
  func open() throws(SystemError) {
    let wakeup = try Wakeup()
    source.wakes(wakeup)
    self.wakeup = wakeup
  }

  package override var descriptor: Int32 { wakeup?.number ?? -1 }

  /// There is a new table: a worker that nobody asks must not hold the old one.
  package override func serve(now: UInt64) {
    wakeup?.clear()
    follow()
  }

  /// Takes a new table over: one atomic read when there is none.
  func follow() {
    guard source.generation != generation else { return }
    table = source.take(&generation)
  }
}
