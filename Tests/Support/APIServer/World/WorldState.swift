/// Objects, versions and history.
struct WorldState {
  /// Steps of a kind that are remembered.
  static let stepCountMax = 10_000
  /// Lists that are being paged through at the same time.
  static let snapshotCountMax = 32

  /// The objects of a kind and what happened to them.
  struct Kind {
    /// Sorted by key.
    var objects: [StoredObject] = []
    /// By increasing version.
    var history: [WorldStep] = []
    /// What happened up to this version is not known any more.
    var forgottenVersion = 0

    /// Where a key is, or would be.
    func index(_ key: String) -> Int {
      WorldState.firstIndex(objects) { $0.key >= key }
    }

    /// What happened behind a version.
    func steps(after version: Int) -> [WorldStep] {
      Array(history[WorldState.firstIndex(history) { $0.version > version }...])
    }
  }

  /// A list that is being paged through.
  struct Snapshot {
    let kind: ResourceKind
    let version: Int
    let objects: [StoredObject]
  }

  var kinds = ResourceKind.allCases.map { _ in Kind() }
  /// The last version given out.
  var version = 1_000
  /// The latest at the end.
  var snapshots: [Snapshot] = []
  private var uidCount = 0
  private var backup: (objects: [[StoredObject]], version: Int)?

  // MARK: - Changes

  mutating func put(_ object: SimulatedObject) -> Int {
    version += 1
    let kind = object.kind.rawValue
    let key = object.key
    let index = kinds[kind].index(key)
    let old = at(index, of: kind, key: key)
    let stored = StoredObject(object, uid: old?.uid ?? newUID(), version: version)
    if old == nil {
      kinds[kind].objects.insert(stored, at: index)
    } else {
      kinds[kind].objects[index] = stored
    }
    note(WorldStep(version: version, old: old, object: stored, isDeletion: false), kind)
    return version
  }

  mutating func delete(_ resource: ResourceKind, key: String) {
    let kind = resource.rawValue
    let index = kinds[kind].index(key)
    guard let old = at(index, of: kind, key: key) else { return }
    version += 1
    kinds[kind].objects.remove(at: index)
    let last = StoredObject(old.object, uid: old.uid, version: version)
    note(WorldStep(version: version, old: old, object: last, isDeletion: true), kind)
  }

  func object(_ kind: ResourceKind, key: String) -> StoredObject? {
    at(kinds[kind.rawValue].index(key), of: kind.rawValue, key: key)
  }

  private func at(_ index: Int, of kind: Int, key: String) -> StoredObject? {
    let objects = kinds[kind].objects
    guard index < objects.count, objects[index].key == key else { return nil }
    return objects[index]
  }

  private mutating func note(_ step: WorldStep, _ kind: Int) {
    kinds[kind].history.append(step)
    guard kinds[kind].history.count > Self.stepCountMax else { return }
    let goneCount = Self.stepCountMax / 2
    kinds[kind].forgottenVersion = kinds[kind].history[goneCount - 1].version
    kinds[kind].history.removeFirst(goneCount)
  }

  private mutating func newUID() -> String {
    uidCount += 1
    let digits = String(uidCount, radix: 16)
    return "5f0c9a2e-7d41-4b8a-9e36-\(String(repeating: "0", count: max(0, 12 - digits.count)))"
      + digits
  }

  // MARK: - Forgetting

  mutating func forgetHistory() {
    for kind in kinds.indices {
      kinds[kind].history = []
      kinds[kind].forgottenVersion = version
    }
    snapshots = []
  }

  mutating func backUp() { backup = (kinds.map(\.objects), version) }

  mutating func restore() -> Bool {
    guard let backup else { return false }
    for kind in kinds.indices { kinds[kind].objects = backup.objects[kind] }
    version = backup.version
    forgetHistory()
    return true
  }

  /// The first index of a sorted list for which a condition holds that holds for all behind it.
  static func firstIndex<Element>(
    _ list: [Element], where condition: (Element) -> Bool
  ) -> Int {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if condition(list[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
