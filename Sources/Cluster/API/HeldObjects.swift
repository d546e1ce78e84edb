/// What a reflector has passed on, by name: enough to tell what is new, what is the same and what
/// is gone, without the objects themselves.
struct HeldObjects: Sendable {
  private struct Held: Hashable {
    /// A digest of the UID.
    var uid: Int
    /// A digest of the stripped object; `nil` when it was not taken by whom it was passed on to.
    var content: Int?
    /// The last round in which a list named the object.
    var round: UInt32
  }

  /// What became of a deletion.
  enum Deletion: Hashable {
    /// The object is gone.
    case done(ObjectChange)
    /// There is no such object.
    case unknown
    /// There is another object of that name.
    case otherUID
  }

  private let kind: ObjectKind
  private var held: [ObjectKey: Held] = [:]
  /// The current round of marking. It may wrap: only its equality counts, and a sweep leaves none
  /// but the current one.
  private var round: UInt32 = 0

  /// Holds nothing yet.
  init(kind: ObjectKind) { self.kind = kind }

  /// The number of objects.
  var count: Int { held.count }

  /// The names of all objects.
  var keys: [ObjectKey] { Array(held.keys) }

  // MARK: - Mark and sweep

  /// Starts a round: from here on, what is seen is marked.
  mutating func beginRound() { round &+= 1 }

  /// Marks an object and tells what changes; `nil` when nothing does. A refused object leaves its
  /// previous version as it was, but not one with another UID.
  mutating func take(_ item: APIObject) -> ObjectChange? {
    guard let key = item.key else { return nil }
    let uid = item.uid.hashValue
    if let object = item.object {
      let new = Held(uid: uid, content: object.hashValue, round: round)
      let old = held.updateValue(new, forKey: key)
      return old?.content == new.content ? nil : .set(object)
    }
    guard let old = held[key] else { return nil }
    guard item.isRefused, old.uid == uid else {
      held[key] = nil
      return .delete(kind, key)
    }
    held[key]?.round = round
    return nil
  }

  /// Takes an object away, if it is the one with the UID.
  mutating func delete(_ item: APIObject) -> Deletion {
    guard let key = item.key, let old = held[key] else { return .unknown }
    guard old.uid == item.uid.hashValue else { return .otherUID }
    held[key] = nil
    return .done(.delete(kind, key))
  }

  /// Takes away what was not marked in this round.
  mutating func sweep() -> [ObjectChange] {
    let gone = held.filter { $0.value.round != round }.keys.sorted()
    for key in gone { held[key] = nil }
    return gone.map { .delete(kind, $0) }
  }

  // MARK: - Others' knowledge

  /// Takes over what is there from before, such as a snapshot's objects.
  mutating func adopt(_ object: ClusterObject) {
    guard object.kind == kind else { return }
    held[object.key] = Held(uid: object.uid.hashValue, content: object.hashValue, round: round)
  }

  /// Notes that changes, the last ones told, were not taken: the next list passes them on again.
  mutating func distrust(_ changes: [ObjectChange]) {
    for change in changes where change.kind == kind {
      let uid = held[change.key]?.uid ?? 0
      // What could not go must go when the list ends; what could not come stays marked.
      let isGone = if case .delete = change { true } else { false }
      held[change.key] = Held(uid: uid, content: nil, round: isGone ? round &- 1 : round)
    }
  }
}

extension ClusterObject {
  /// The object's UID; empty when it is not known.
  fileprivate var uid: String {
    switch self {
    case .service(let service): service.uid
    case .endpointSlice(let slice): slice.uid
    case .namespace(let namespace): namespace.uid
    case .pod(let pod): pod.uid
    case .serviceImport(let service): service.uid
    }
  }
}
