/// The kinds of object that the server has.
package enum ResourceKind: Int, CaseIterable, Hashable, Sendable {
  /// `v1` Service.
  case services
  /// `discovery.k8s.io/v1` EndpointSlice.
  case endpointSlices
  /// `v1` Namespace.
  case namespaces
  /// `v1` Pod.
  case pods
  /// `multicluster.x-k8s.io/v1alpha1` ServiceImport: a custom resource, JSON only.
  case serviceImports

  /// The API group; empty for the core group.
  package var group: String {
    switch self {
    case .services, .namespaces, .pods: ""
    case .endpointSlices: "discovery.k8s.io"
    case .serviceImports: "multicluster.x-k8s.io"
    }
  }

  /// `apiVersion` of objects.
  package var apiVersion: String {
    switch self {
    case .services, .namespaces, .pods: "v1"
    case .endpointSlices: "discovery.k8s.io/v1"
    case .serviceImports: "multicluster.x-k8s.io/v1alpha1"
    }
  }

  /// The name in paths, such as `endpointslices`.
  package var plural: String {
    switch self {
    case .services: "services"
    case .endpointSlices: "endpointslices"
    case .namespaces: "namespaces"
    case .pods: "pods"
    case .serviceImports: "serviceimports"
    }
  }

  /// `kind` of objects.
  package var label: String {
    switch self {
    case .services: "Service"
    case .endpointSlices: "EndpointSlice"
    case .namespaces: "Namespace"
    case .pods: "Pod"
    case .serviceImports: "ServiceImport"
    }
  }

  /// The path of all objects, such as `/api/v1/services`.
  package var path: String {
    (group.isEmpty ? "/api/" : "/apis/") + apiVersion + "/" + plural
  }

  /// How objects are written in protobuf; `nil` for custom resources, which only JSON has.
  var schema: MessageSchema? {
    switch self {
    case .services: Schemas.service
    case .endpointSlices: Schemas.endpointSlice
    case .namespaces: Schemas.namespace
    case .pods: Schemas.pod
    case .serviceImports: nil
    }
  }
}
