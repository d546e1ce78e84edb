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

  func perform(_ action: ReflectorAction) -> ReflectorEvent? {
    state.withLock { state in
      switch action {
      case .apply(let events, let verifies):
        for event in events { apply(event, &state) }
        return .applied(EventOutcome(), verifies: verifies)
      case .sweep(let seen, let verifies):
        for key in state.objects.keys where !seen.contains(key) { remove(key, &state) }
        return .applied(EventOutcome(), verifies: verifies)
      case .send, .cancel, .refreshCredentials, .tell: return nil
      }
    }
  }

  private func apply(_ event: ObjectEvent, _ state: inout State) {
    switch event {
    case .set(let object): state.objects[object.key] = object
    case .delete(_, let key, let uid):
      if uid == nil || state.objects[key]?.uid == uid { remove(key, &state) }
    case .refuse(_, let key, let uid):
      if let kept = state.objects[key], kept.uid != uid { remove(key, &state) }
    }
  }

  private func remove(_ key: ObjectKey, _ state: inout State) {
    state.objects[key] = nil
    if pinned.contains(key.name), state.complaint == nil {
      state.complaint = "\(key) is gone while it exists; \(state.notices.suffix(3))"
    }
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
