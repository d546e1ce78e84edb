/// Which changes of slices count for the DNS programming latency: those with a trigger that is
/// later than the last one seen of the slice.
///
/// A fixed table holds the last ones of some slices: of two slices in one place only the later one
/// is known. Then a trigger may count twice, which takes two changes of a slice that its controller
/// did not make.
struct SliceTriggers {
  /// A change that counts once it is published.
  struct Pending {
    /// The Service of the slice.
    let service: ObjectKey
    /// When what led to it happened, in seconds since 1970.
    let seconds: Double
  }

  private static let placeCount = 1024
  private var seen: [(hash: Int, seconds: Double)] = []

  /// Those of a round's events that count; `changes` is what the events come to.
  mutating func pending(
    _ events: some Collection<ObjectEvent>, _ changes: [ClusterModel.PackedChange]
  ) -> [Pending] {
    var changed: Set<ObjectKey>?
    var result: [Pending] = []
    for event in events {
      guard case .set(.endpointSlice(let slice)) = event, let seconds = slice.trigger.seconds,
        !slice.serviceName.isEmpty
      else { continue }
      let keys = changed ?? Set(changes.lazy.filter { $0.kind == .endpointSlice }.map(\.key))
      changed = keys
      guard keys.contains(slice.key), isNew(slice.key, seconds) else { continue }
      let service = ObjectKey(namespace: slice.key.namespace, name: slice.serviceName)
      result.append(Pending(service: service, seconds: seconds))
    }
    return result
  }

  private mutating func isNew(_ key: ObjectKey, _ seconds: Double) -> Bool {
    if seen.isEmpty { seen = Array(repeating: (0, 0), count: Self.placeCount) }
    let hash = key.hashValue
    let place = Int(UInt(bitPattern: hash) % UInt(Self.placeCount))
    if seen[place].hash == hash, seen[place].seconds >= seconds { return false }
    seen[place] = (hash, seconds)
    return true
  }
}

extension ClusterModel {
  /// Counts what has been published, where the Service has names.
  func observe(_ pending: [SliceTriggers.Pending], _ durations: ProgrammingDurations) {
    for change in pending where admits(change.service.namespace) {
      guard let service = service(change.service),
        let kind = ServiceKind(
          service.type, isHeadless: service.isHeadless, hasSelector: service.hasSelector)
      else { continue }
      durations.observe(kind: kind, since: change.seconds)
    }
  }
}
