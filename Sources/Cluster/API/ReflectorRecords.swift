import RecordStore

extension ClusterRecords {
  /// Does what a reflector wants done with objects, at `now` (seconds), and has the event to hand
  /// back to it; `nil` for any other action.
  package func perform(_ action: ReflectorAction, now: UInt32) -> ReflectorEvent? {
    do throws(StoreError) {
      switch action {
      case .apply(let events, let verifies):
        return .applied(try apply(events: events, now: now), verifies: verifies)
      case .sweep(let seen, let verifies):
        return .applied(try sweep(seen, now: now), verifies: verifies)
      case .send, .cancel, .refreshCredentials, .tell: return nil
      }
    } catch {
      return .rejected
    }
  }
}
