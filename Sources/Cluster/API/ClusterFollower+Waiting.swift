extension ClusterFollower {
  /// How often is looked whether a request has failed.
  private static let lookPause = Duration.milliseconds(10)

  /// Waits until everything has been seen once, but no longer than `limit`, or than until a request
  /// has failed; whether everything has been seen.
  package func waitUntilSyncedOrFailed(atMost limit: Duration) async -> Bool {
    let end = ContinuousClock.now + limit
    while !isSynced, ContinuousClock.now < end, !Task.isCancelled,
      !statuses.contains(where: { $0.counters.failureCount > 0 })
    {
      try? await Task.sleep(for: Self.lookPause)
    }
    return isSynced
  }

  /// How long it may be since the API server had just what is known; `nil` while that is not whole.
  package var age: Duration? {
    let ages = statuses.map(\.age)
    return ages.contains(nil) ? nil : ages.compactMap(\.self).max()
  }
}
