import Cluster
import Synchronization

/// Keeps what a driver passes on, and complains about what must not happen.
final class ScheduleSink: ReflectorSink {
  private struct State {
    var objects: [ObjectKey: ClusterObject] = [:]
    var complaint: String?
    var notices: [String] = []
    var isSynced = false
  }

  private let state = Mutex(State())
  private let pinned: Set<String>

  /// `pinned` objects exist all the time.
  init(pinned: [String]) { self.pinned = Set(pinned) }

  /// What is known.
  var objects: [ObjectKey: ClusterObject] { state.withLock { $0.objects } }

  /// The first thing that must not happen.
  var complaint: String? { state.withLock { $0.complaint } }

  /// What was told.
  var notices: [String] { state.withLock { $0.notices } }

  func apply(_ changes: [ObjectChange]) -> Bool {
    state.withLock { state in
      for change in changes {
        switch change {
        case .set(let object): state.objects[object.key] = object
        case .delete(_, let key):
          state.objects[key] = nil
          if pinned.contains(key.name), state.complaint == nil {
            state.complaint = "\(key) is gone while it exists; \(state.notices.suffix(3))"
          }
        }
      }
    }
    return true
  }

  func didSync(_ kind: ObjectKind) {
    state.withLock { state in
      state.isSynced = true
      let names = Set(state.objects.keys.map(\.name))
      if !pinned.isSubset(of: names), state.complaint == nil {
        state.complaint = "synced with \(names.sorted()) alone"
      }
    }
  }

  func tell(_ notice: ReflectorNotice) { state.withLock { $0.notices.append(notice.message) } }
}
