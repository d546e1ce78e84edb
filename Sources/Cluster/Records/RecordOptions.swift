import DNSWire

/// How objects become records: the options of the `kubernetes` plugin that change answers.
package struct RecordOptions: Sendable {
  /// `pods`: what names of pod addresses exist.
  package enum PodMode: String, Sendable, CaseIterable {
    /// None.
    case disabled
    /// Every address in an existing namespace, pod or not; nothing is looked up.
    case insecure
    /// Those of pods that exist in that namespace.
    case verified
  }

  /// TTL of all records, in seconds (0...3600).
  package var ttl: UInt32 = 5
  /// Names of pod addresses.
  package var pods = PodMode.disabled
  /// Endpoints without a hostname are named after their pod.
  package var usesEndpointPodNames = false
  /// No endpoint has records; headless Services have none at all.
  package var ignoresEndpoints = false
  /// A Service with a ClusterIP and no ready endpoint does not exist.
  package var ignoresEmptyServices = false
  /// Without any Namespace object, namespaces are those that Services and Pods name. A chart's
  /// manifests bring none; the API server always has them.
  package var impliesNamespaces = true
  /// Only these namespaces; empty is all.
  package var namespaces: Set<String> = []
  /// Only namespaces whose labels match.
  package var namespaceSelector: LabelSelector?
  /// Only Services and EndpointSlices whose labels match.
  package var selector: LabelSelector?
  /// The zone that reverse records point into.
  package var primaryZone = DomainName.root
  /// Octets of the longest zone that the cluster's names are served below, root included: the
  /// primary zone may have longer companions.
  package var zoneOctetCountMax = 1
  /// The reverse zones, in the store's order behind the cluster zone.
  package var reverseZones: [DomainName] = []
  /// The zones of what clusters have in common (KEP-1645), behind the reverse zones in the store:
  /// they share a number. None of them is a cluster zone.
  package var multiclusterZones: [DomainName] = []
  /// This server's addresses, for the zones' NS record.
  package var serverAddresses: [IPAddress] = []

  /// CoreDNS's defaults.
  package init() {}

  /// The store's number of the multicluster zones; `nil` without any.
  package var multiclusterStoreZone: Int? {
    multiclusterZones.isEmpty ? nil : reverseZones.count + 1
  }

  /// Wire octets of labels below the cluster zones, without a root octet; `nil` where a label, or
  /// the whole name in any zone, is too long to exist (RFC 1035 §2.3.4).
  func name(_ labels: [String]) -> [UInt8]? {
    let zoneOctetCount = max(zoneOctetCountMax, primaryZone.wire.count)
    guard let wire = relativeName(labels),
      wire.count + zoneOctetCount <= WireLimits.nameOctetCountMax
    else { return nil }
    return wire
  }

  /// TTL of `dns-version`, as CoreDNS has it.
  static let versionTTL: UInt32 = 28_800
  /// The version of the Kubernetes DNS specification that is followed.
  static let specificationVersion = "1.1.0"
}
