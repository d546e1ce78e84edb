import Synchronization

/// What the cluster is: objects of all kinds, one counter of versions, and what happened lately.
/// Every method may be called from anywhere and returns at once.
package final class World: Sendable {
  private let state = Mutex(WorldState())
  private let hook = Mutex<(@Sendable (ResourceKind) -> Void)?>(nil)

  /// A world without objects.
  package init() {}

  /// Calls `hook` whenever an object of a kind has changed.
  func onChange(_ new: @escaping @Sendable (ResourceKind) -> Void) {
    hook.withLock { $0 = new }
  }

  // MARK: - Changes

  /// Adds an object, or changes the one of its name. Returns its version.
  @discardableResult
  package func put(_ object: SimulatedObject) -> Int {
    let version = state.withLock { $0.put(object) }
    tell(object.kind)
    return version
  }

  /// Adds or changes many objects.
  package func put(_ objects: [SimulatedObject]) {
    state.withLock { state in
      for object in objects { _ = state.put(object) }
    }
    for kind in Set(objects.map(\.kind)) { tell(kind) }
  }

  /// Takes an object away, if it is there.
  package func delete(_ kind: ResourceKind, _ namespace: String, _ name: String) {
    state.withLock { $0.delete(kind, key: namespace.isEmpty ? name : "\(namespace)/\(name)") }
    tell(kind)
  }

  /// Takes an object away and puts another under its name, with another UID.
  package func replace(_ object: SimulatedObject) {
    state.withLock { state in
      state.delete(object.kind, key: object.key)
      _ = state.put(object)
    }
    tell(object.kind)
  }

  /// Changes an object, if it is there.
  package func update(
    _ kind: ResourceKind, key: String, _ change: (inout SimulatedObject) -> Void
  ) {
    state.withLock { state in
      guard var object = state.object(kind, key: key)?.object else { return }
      change(&object)
      _ = state.put(object)
    }
    tell(kind)
  }

  /// Lets the version grow without a change, as changes of other kinds do.
  package func skipVersions(_ count: Int) {
    state.withLock { $0.version += max(0, count) }
  }

  private func tell(_ kind: ResourceKind) {
    hook.withLock { $0 }?(kind)
  }

  // MARK: - Looking

  /// The last version given out.
  package var version: Int { state.withLock { $0.version } }

  /// All objects of a kind, by name.
  package func objects(_ kind: ResourceKind) -> [StoredObject] {
    state.withLock { $0.kinds[kind.rawValue].objects }
  }

  /// An object; `nil` when there is none.
  package func object(
    _ kind: ResourceKind, _ namespace: String, _ name: String
  ) -> StoredObject? {
    state.withLock { $0.object(kind, key: namespace.isEmpty ? name : "\(namespace)/\(name)") }
  }

  // MARK: - Forgetting

  /// Forgets what happened: watches from versions before now get 410.
  package func forgetHistory() {
    state.withLock { $0.forgetHistory() }
  }

  /// Forgets the lists that are being paged through: their tokens get 410.
  package func forgetSnapshots() {
    state.withLock { $0.snapshots = [] }
  }

  /// Notes everything as it is now.
  package func backUp() {
    state.withLock { $0.backUp() }
  }

  /// Goes back to the last backup, its version included, as after etcd was restored; `false`
  /// without one. Watches have to be dropped by whoever calls this, as a restarted server does.
  package func restore() -> Bool {
    state.withLock { $0.restore() }
  }

  // MARK: - Serving

  /// Writes all objects in protobuf, so that the first list is as quick as the others.
  package func writeAll() {
    for kind in ResourceKind.allCases where kind.schema != nil {
      for object in objects(kind) { _ = object.octets(.protobuf) }
    }
  }

  /// A page of a list.
  func page(_ request: ListRequest) -> Result<ListPage, Refusal> {
    state.withLock { $0.page(request) }
  }

  /// All chosen objects and the version at which they are so.
  func snapshot(_ selection: Selection) -> (objects: [StoredObject], version: Int) {
    state.withLock { state in
      let all = state.kinds[selection.kind.rawValue].objects
      return (selection.choosesAll ? all : all.filter(selection.chooses), state.version)
    }
  }

  /// What happened behind a version, and the version up to which that is all; `nil` when it is not
  /// known any more.
  func steps(_ kind: ResourceKind, after version: Int) -> (steps: [WorldStep], version: Int)? {
    state.withLock { state in
      let history = state.kinds[kind.rawValue]
      guard version >= history.forgottenVersion else { return nil }
      return (history.steps(after: version), max(version, state.version))
    }
  }
}

/// Something that happened to an object.
struct WorldStep: Sendable {
  /// The version that came of it.
  let version: Int
  /// The object before; `nil` when it is new.
  let old: StoredObject?
  /// The object now; when it is gone, as it was last, with the version of its end.
  let object: StoredObject
  /// Whether it is gone.
  let isDeletion: Bool
}
