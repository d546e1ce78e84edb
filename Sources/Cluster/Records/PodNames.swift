import DNSWire
import RecordStore

/// An address that pods of a namespace have.
struct PodAddress: Hashable {
  var namespace: String
  var address: IPAddress
}

/// Names of pod addresses (`pods verified`). A name is in the store as long as any pod of its
/// namespace has the address; those beyond the first are counted, for pods of the host's network.
extension ClusterModel {
  /// The pods' part of a round: keeps its pods, and names and unnames their addresses. Looks at all
  /// pods only when a namespace comes or goes.
  mutating func publishPods(
    _ round: Round, _ edit: inout StoreEdit, _ inverses: inout [PackedChange]
  ) throws(StoreError) {
    let changes = round.changes.filter { $0.kind == .pod }
    let hasNames = published.contains(.pods)
    if hasNames {
      try unnamePods(of: round.namespaces.filter { round.wasAdmitted($0) && !admits($0) }, &edit)
    }
    var (come, gone): ([PodAddress], [PodAddress]) = ([], [])
    for change in changes {
      let inverse = try store(change)
      inverses.append(inverse)
      let namespace = change.key.namespace
      guard hasNames, round.wasAdmitted(namespace), admits(namespace) else { continue }
      gone += podAddresses(namespace, inverse.octets)
      come += podAddresses(namespace, change.octets)
    }
    // In this order, an address that goes from one pod to another keeps its name all the time.
    for pod in come { try name(pod, &edit) }
    for pod in gone { try unname(pod, &edit) }
    if hasNames {
      try namePods(of: round.namespaces.filter { !round.wasAdmitted($0) && admits($0) }, &edit)
    }
  }

  /// Names all pods that are kept, for the first time: in several edits that nobody reads yet, or
  /// in one.
  mutating func publishAllPods(
    in store: RecordStore, now: UInt32, isHidden: Bool
  ) throws(StoreError) {
    sharedPodAddresses = [:]
    let references = objects.references(of: .pod)
    let step = isHidden ? Self.podCountMax : max(1, references.count)
    for first in stride(from: 0, to: references.count, by: step) {
      try store.edit(now: now, keepsSerial: isHidden) { edit throws(StoreError) in
        for reference in references[first..<min(first + step, references.count)] {
          let namespace = objects.key(reference).namespace
          guard admits(namespace) else { continue }
          for pod in podAddresses(namespace, objects.octets(reference)) { try name(pod, &edit) }
        }
      }
    }
    podCountsBefore = []
  }

  /// Pods whose names go into one edit.
  private static let podCountMax = 10_000

  /// Takes counts back as they were before a failed edit.
  mutating func undoPodCounts() {
    for (pod, count) in podCountsBefore.reversed() { sharedPodAddresses[pod] = count }
    podCountsBefore = []
  }

  // MARK: - Names

  private func podName(_ pod: PodAddress) -> [UInt8]? {
    options.name([AddressNames.label(pod.address), pod.namespace, "pod"])
  }

  /// One more pod has an address.
  private mutating func name(_ pod: PodAddress, _ edit: inout StoreEdit) throws(StoreError) {
    guard let name = podName(pod) else { return }
    if edit.contains(name, zone: clusterZone) {
      return setSharedCount(pod, (sharedPodAddresses[pod] ?? 0) + 1)
    }
    let address = pod.address
    if let set = RRset.addresses([address], family: address.family, ttl: options.ttl) {
      try edit.set(name, zone: clusterZone, [set])
    }
  }

  /// One pod less has an address.
  private mutating func unname(_ pod: PodAddress, _ edit: inout StoreEdit) throws(StoreError) {
    if let count = sharedPodAddresses[pod] { return setSharedCount(pod, count - 1) }
    if let name = podName(pod) { try edit.remove(name, zone: clusterZone) }
  }

  private mutating func setSharedCount(_ pod: PodAddress, _ count: Int) {
    let old = sharedPodAddresses.updateValue(count, forKey: pod)
    if count == 0 { sharedPodAddresses[pod] = nil }
    podCountsBefore.append((pod, old))
  }

  // MARK: - Whole namespaces

  private mutating func namePods(
    of namespaces: Set<String>, _ edit: inout StoreEdit
  ) throws(StoreError) {
    for pod in allPodAddresses(namespaces) { try name(pod, &edit) }
  }

  private mutating func unnamePods(
    of namespaces: Set<String>, _ edit: inout StoreEdit
  ) throws(StoreError) {
    for pod in allPodAddresses(namespaces) { try unname(pod, &edit) }
  }

  private func allPodAddresses(_ namespaces: Set<String>) -> [PodAddress] {
    if namespaces.isEmpty { return [] }
    return objects.references(of: .pod).flatMap { reference in
      let namespace = objects.key(reference).namespace
      return namespaces.contains(namespace)
        ? podAddresses(namespace, objects.octets(reference)) : []
    }
  }

  private func podAddresses(_ namespace: String, _ octets: [UInt8]?) -> [PodAddress] {
    unique(octets.map(PackedPod.addresses) ?? []).map {
      PodAddress(namespace: namespace, address: $0)
    }
  }
}
