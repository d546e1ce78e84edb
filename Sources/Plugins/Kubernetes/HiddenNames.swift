import Cluster
import DNSWire

/// Names that options of `kubernetes` leave out, for the Extended DNS Error of their NXDOMAIN
/// (RFC 8914 §4.16). It says what the Corefile says and never whether something is behind it.
struct HiddenNames: Sendable {
  /// What would be below a namespace, of both kinds.
  private let kinds: ZoneSet
  private let podZones: ZoneSet
  private let exposed: ZoneSet
  private let hasPods: Bool
  private let namesNamespaces: Bool
  private let selectsNamespaces: Bool

  /// What `options` leave out of the cluster zones among `zones`.
  init(_ options: RecordOptions, zones: [DomainName]) {
    func below(_ label: String, _ zones: [DomainName]) -> [DomainName] {
      zones.compactMap { DomainName(text: "\(label).\($0)") }
    }
    let forward = zones.filter { !options.reverseZones.contains($0.lowercased) }
    let bases = below("svc", forward) + below("pod", forward)
    kinds = ZoneSet(bases)
    podZones = ZoneSet(below("pod", forward))
    exposed = ZoneSet(options.namespaces.sorted().flatMap { below($0, bases) })
    hasPods = options.pods != .disabled
    namesNamespaces = !options.namespaces.isEmpty
    selectsNamespaces = options.namespaceSelector != nil
  }

  /// Why `name`, which does not exist, may have been left out; `nil` when no option touches it.
  /// `isNamespaceThere` is asked when `namespace_labels` decides.
  func reason(
    for name: borrowing QueryName, isNamespaceThere: () -> Bool
  ) -> StaticString? {
    if !hasPods, podZones.covers(name) { return "kubernetes: pods is disabled" }
    guard namesNamespaces || selectsNamespaces, kinds.covers(name) else { return nil }
    if namesNamespaces {
      return exposed.covers(name) ? nil : "kubernetes: namespaces does not name this one"
    }
    return isNamespaceThere() ? nil : "kubernetes: namespace_labels selects no such namespace"
  }
}
