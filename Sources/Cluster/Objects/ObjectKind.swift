/// The kinds of Kubernetes object that DNS is made of.
package enum ObjectKind: UInt8, CaseIterable, Hashable, Sendable {
  /// `v1` Service.
  case service
  /// `discovery.k8s.io/v1` EndpointSlice.
  case endpointSlice
  /// `v1` Namespace.
  case namespace
  /// `v1` Pod.
  case pod
  /// `multicluster.x-k8s.io/v1alpha1` ServiceImport (KEP-1645).
  case serviceImport

  /// The kind as manifests spell it.
  package var label: String {
    switch self {
    case .service: "Service"
    case .endpointSlice: "EndpointSlice"
    case .namespace: "Namespace"
    case .pod: "Pod"
    case .serviceImport: "ServiceImport"
    }
  }

  /// The kind of a manifest's `apiVersion` and `kind`; `nil` for any that DNS does not need.
  ///
  /// `discovery.k8s.io/v1beta1` and `multicluster.x-k8s.io/v1beta1` have the same fields where DNS
  /// looks. The old `v1` Endpoints is not read: every cluster mirrors it into slices.
  package init?(apiVersion: String, kind: String) {
    switch (apiVersion, kind) {
    case ("v1", "Service"): self = .service
    case ("v1", "Namespace"): self = .namespace
    case ("v1", "Pod"): self = .pod
    case ("discovery.k8s.io/v1", "EndpointSlice"), ("discovery.k8s.io/v1beta1", "EndpointSlice"):
      self = .endpointSlice
    case ("multicluster.x-k8s.io/v1alpha1", "ServiceImport"),
      ("multicluster.x-k8s.io/v1beta1", "ServiceImport"):
      self = .serviceImport
    default: return nil
    }
  }
}
