/// What an API server says of one object. Whether it changes anything is for who keeps the objects
/// to tell (`ClusterRecords.apply(events:now:)`).
package enum ObjectEvent: Hashable, Sendable {
  /// The object is so.
  case set(ClusterObject)
  /// The object is gone, or of no concern any more. With a UID, only the one that has it.
  case delete(ObjectKind, ObjectKey, uid: ObjectUID?)
  /// The object with this UID exists, but what it says cannot be taken: what is kept of it stays.
  /// Another object of its name is gone.
  case refuse(ObjectKind, ObjectKey, uid: ObjectUID)

  /// The kind of the object.
  package var kind: ObjectKind {
    switch self {
    case .set(let object): object.kind
    case .delete(let kind, _, _), .refuse(let kind, _, _): kind
    }
  }

  /// Its key.
  package var key: ObjectKey {
    switch self {
    case .set(let object): object.key
    case .delete(_, let key, _), .refuse(_, let key, _): key
    }
  }

  /// A change as an event: whoever's UID, the object is set or gone.
  init(_ change: ObjectChange) {
    switch change {
    case .set(let object): self = .set(object)
    case .delete(let kind, let key): self = .delete(kind, key, uid: nil)
    }
  }
}

/// What events came to.
package struct EventOutcome: Hashable, Sendable {
  /// Objects that are not as they were.
  package var changeCount = 0
  /// Deletions of an object whose name another one has by now.
  package var otherUIDCount = 0
  /// Whether any answer changed.
  package var movedAnswers = false

  /// Nothing.
  package init() {}

  /// Adds what further events came to.
  package static func += (sum: inout EventOutcome, other: EventOutcome) {
    sum.changeCount += other.changeCount
    sum.otherUIDCount += other.otherUIDCount
    sum.movedAnswers = sum.movedAnswers || other.movedAnswers
  }
}
