import DNSWire
import Synchronization

/// The zones that some plugin answers from memory. What upstreams say about names in them is not
/// believed, and aliases that lead into them are followed here.
package final class OwnZones: Sendable {
  private struct State {
    var zones: [DomainName] = []
    var index = ZoneIndex([])
  }

  private let state = Mutex(State())

  /// No zones.
  package init() {}

  /// Adds zones, while server blocks are set up.
  package func add(_ zones: [DomainName]) {
    state.withLock { state in
      state.zones += zones
      state.index = ZoneIndex(state.zones)
    }
  }

  /// The zones added so far.
  package var zones: [DomainName] { state.withLock { $0.zones } }
  /// The same, to be matched with names.
  package var index: ZoneIndex { state.withLock { $0.index } }
}
