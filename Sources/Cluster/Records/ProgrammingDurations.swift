import Synchronization

/// How long it took from what changed the endpoints of Services to the moment that names said so:
/// the DNS programming latency of Kubernetes, by kind of Service. Free to use from any thread.
package final class ProgrammingDurations: Sendable {
  /// Upper bounds of the buckets, in seconds: 1 ms to about 9 minutes, each twice the one before.
  package static let bounds = (0..<20).map { 0.001 * Double(1 << $0) }

  /// What was counted of one kind of Service.
  package struct Counts: Equatable, Sendable {
    /// Durations of each bucket alone, and at the end those above all bounds.
    package fileprivate(set) var counts = Array(repeating: 0, count: bounds.count + 1)
    /// Their sum, in seconds.
    package fileprivate(set) var seconds = 0.0
  }

  private let counts = Mutex<[ServiceKind: Counts]>([:])
  private let clock: @Sendable () -> Double

  /// Nothing counted yet. `clock` tells the seconds since 1970, with a fraction.
  package init(clock: @escaping @Sendable () -> Double) { self.clock = clock }

  /// Counts a duration; one below zero, of clocks that differ, as zero.
  package func observe(kind: ServiceKind, seconds: Double) {
    let seconds = max(0, seconds)
    let place = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    counts.withLock { counts in
      counts[kind, default: Counts()].counts[place] &+= 1
      counts[kind]?.seconds += seconds
    }
  }

  /// Counts what lies between a time, in seconds since 1970, and now.
  func observe(kind: ServiceKind, since start: Double) {
    observe(kind: kind, seconds: clock() - start)
  }

  /// What was counted so far, of the kinds that there were.
  package func read() -> [ServiceKind: Counts] { counts.withLock { $0 } }
}

/// What a Service is as far as its endpoints matter for DNS, in the words of the metric.
package enum ServiceKind: String, CaseIterable, Hashable, Sendable {
  /// With addresses of its own.
  case clusterIP = "cluster_ip"
  /// The endpoints are the answer, and follow Pods.
  case headlessWithSelector = "headless_with_selector"
  /// The endpoints are the answer, and are made by hand or by another controller.
  case headlessWithoutSelector = "headless_without_selector"

  /// The kind of a Service; `nil` for an alias, which has no endpoints.
  package init?(_ service: Service) {
    self.init(
      service.type, isHeadless: service.isHeadless, hasSelector: service.hasSelector)
  }

  /// The kind of a Service with these properties; `nil` for an alias.
  init?(_ type: ServiceType, isHeadless: Bool, hasSelector: Bool) {
    if type == .externalName { return nil }
    self =
      !isHeadless ? .clusterIP : hasSelector ? .headlessWithSelector : .headlessWithoutSelector
  }
}
