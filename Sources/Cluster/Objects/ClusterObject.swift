/// Any one of the objects that DNS is made of.
package enum ClusterObject: Hashable, Sendable {
  /// A Service.
  case service(Service)
  /// An EndpointSlice.
  case endpointSlice(EndpointSlice)
  /// A Namespace.
  case namespace(Namespace)
  /// A Pod.
  case pod(Pod)
  /// A ServiceImport.
  case serviceImport(ServiceImport)

  /// The object's kind.
  package var kind: ObjectKind {
    switch self {
    case .service: .service
    case .endpointSlice: .endpointSlice
    case .namespace: .namespace
    case .pod: .pod
    case .serviceImport: .serviceImport
    }
  }

  /// The object's name among those of its kind.
  package var key: ObjectKey {
    switch self {
    case .service(let service): service.key
    case .endpointSlice(let slice): slice.key
    case .namespace(let namespace): namespace.key
    case .pod(let pod): pod.key
    case .serviceImport(let service): service.key
    }
  }

  /// Kind and name together.
  package var id: ObjectID { ObjectID(kind: kind, key: key) }
}

/// What identifies an object in the whole cluster: its kind and its key.
package struct ObjectID: Hashable, Sendable {
  /// The kind.
  package let kind: ObjectKind
  /// The name among those of the kind.
  package let key: ObjectKey

  /// An identity from its two parts.
  package init(kind: ObjectKind, key: ObjectKey) {
    self.kind = kind
    self.key = key
  }
}

extension ObjectID: Comparable {
  /// Order by kind, then key.
  package static func < (one: ObjectID, other: ObjectID) -> Bool {
    one.kind == other.kind ? one.key < other.key : one.kind.rawValue < other.kind.rawValue
  }
}

extension ObjectID: CustomStringConvertible {
  /// `Service shop/web`.
  package var description: String { "\(kind.label) \(key)" }
}

/// One step from one state of the cluster to the next.
package enum ObjectChange: Hashable, Sendable {
  /// The object is new or differs from before.
  case set(ClusterObject)
  /// The object is gone.
  case delete(ObjectKind, ObjectKey)
}
