import NIOCore
import Synchronization

/// What happens to a watch from outside.
package enum WatchSignal: Hashable, Sendable {
  /// There may be events.
  case changed
  /// Nothing more is to be sent; the connection stays.
  case freeze
  /// The response ends.
  case end
  /// The connection ends.
  case cut
  /// An ERROR event with this code, and the end; with 0 something that is no event.
  case error(Int)
}

/// The watches that are going on.
final class WatchRegistry: Sendable {
  private struct Watch {
    let kind: ResourceKind
    let signal: @Sendable (WatchSignal) -> Void
  }

  private struct State {
    var watches: [Int: Watch] = [:]
    var lastID = 0
  }

  private let state = Mutex(State())

  /// The number of watches of a kind, or of all.
  func count(_ kind: ResourceKind?) -> Int {
    state.withLock { $0.watches.values.count { kind == nil || $0.kind == kind } }
  }

  func add(_ kind: ResourceKind, _ signal: @escaping @Sendable (WatchSignal) -> Void) -> Int {
    state.withLock { state in
      state.lastID += 1
      state.watches[state.lastID] = Watch(kind: kind, signal: signal)
      return state.lastID
    }
  }

  func remove(_ id: Int) {
    state.withLock { state in _ = state.watches.removeValue(forKey: id) }
  }

  /// Tells the watches of a kind, or all.
  func signal(_ signal: WatchSignal, _ kind: ResourceKind?) {
    let watches = state.withLock { state in
      state.watches.values.filter { kind == nil || $0.kind == kind }
    }
    for watch in watches { watch.signal(signal) }
  }
}

/// The connections that are open.
final class ConnectionRegistry: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  /// How many there are.
  var count: Int { channels.withLock { $0.count } }

  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    channels.withLock { $0[id] = channel }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.channels.withLock { _ = $0.removeValue(forKey: id) }
    }
  }

  /// Closes all of them, at once.
  func closeAll() {
    for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
  }
}
