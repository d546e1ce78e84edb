import Cluster
import DNSWire
import TestSupport

/// A small API server in memory: objects with versions, pages of a snapshot, a history that can be
/// watched from any version that is not compacted away, and a backup to go back to.
struct APIModel {
  /// One step of the history.
  struct Step {
    let version: Int
    let item: APIObject
    let isDeletion: Bool
  }

  /// What there is, by name.
  private(set) var objects: [ObjectKey: APIObject] = [:]
  /// What happened since `compactedVersion`.
  private(set) var history: [Step] = []
  /// The last version given out.
  private(set) var version = 1_000
  private var compactedVersion = 1_000
  private var uidCount = 0
  /// Lists that are being paged through, by version.
  private var snapshots: [Int: [APIObject]] = [:]
  private var backup: (objects: [ObjectKey: APIObject], version: Int)?

  /// Names that come and go, and two that never do.
  static let names = (0..<12).map { "web-\($0)" }
  static let pinned = ["pinned-0", "pinned-1"].map { ObjectKey(namespace: "shop", name: $0) }

  init(random: inout SeededGenerator) {
    for key in Self.pinned { put(key, random: &random) }
    for _ in 0..<20 { change(&random) }
  }

  /// The objects as a follower should know them.
  var truth: [ObjectKey: ClusterObject] { objects.compactMapValues(\.object) }

  // MARK: - Changes

  mutating func change(_ random: inout SeededGenerator) {
    let name = Self.names[Int(random.next() % UInt64(Self.names.count))]
    let key = ObjectKey(namespace: "shop", name: name)
    if let old = objects[key], random.next() % 3 == 0 {
      version += 1
      objects[key] = nil
      let item = APIObject(key: key, object: old.object, uid: old.uid, version: "\(version)")
      history.append(Step(version: version, item: item, isDeletion: true))
      // A new object under the same name, at once.
      if random.next() % 2 == 0 { put(key, random: &random) }
    } else {
      put(key, random: &random)
    }
  }

  private mutating func put(_ key: ObjectKey, random: inout SeededGenerator) {
    version += 1 + Int(random.next() % 3)
    if objects[key] == nil { uidCount += 1 }
    let uid = objects[key]?.uid ?? "uid-\(uidCount)"
    let service = Service(
      key: key, clusterIPs: ObjectText.addresses("10.0.0.\(random.next() % 200)"), uid: uid)
    let item = APIObject(key: key, object: .service(service), uid: uid, version: "\(version)")
    objects[key] = item
    history.append(Step(version: version, item: item, isDeletion: false))
  }

  /// Forgets history and the snapshots of pages.
  mutating func compact() {
    compactedVersion = version
    history = []
    snapshots = [:]
  }

  /// Goes back to the last backup, or makes one: objects and versions are those of then.
  mutating func restore() {
    if let backup {
      objects = backup.objects
      version = backup.version
      self.backup = nil
      compact()
    } else {
      backup = (objects, version)
    }
  }

  // MARK: - Answers

  /// A page; 410 when its snapshot is gone.
  mutating func page(
    limit: Int, token: String
  ) -> Result<(items: [APIObject], end: APIListEnd), APIStatus> {
    var (at, offset) = (version, 0)
    if token.isEmpty {
      snapshots[at] = objects.keys.sorted().compactMap { objects[$0] }
    } else {
      let parts = token.split(separator: "/").compactMap { Int($0) }
      guard parts.count == 2 else { return .failure(APIStatus(code: 400)) }
      (at, offset) = (parts[0], parts[1])
    }
    guard let all = snapshots[at] else {
      return .failure(APIStatus(code: 410, reason: "Expired"))
    }
    let end = limit > 0 ? min(all.count, offset + limit) : all.count
    let items = Array(all[min(offset, end)..<end])
    let next = end < all.count ? "\(at)/\(end)" : ""
    return .success((items, APIListEnd(version: "\(at)", continueToken: next)))
  }

  /// Why a watch from a version cannot begin or go on.
  func complaint(from position: Int) -> APIStatus? {
    if position < compactedVersion { return APIStatus(code: 410, reason: "Expired") }
    if position > version {
      return APIStatus(
        code: 504, reason: "Timeout", message: "Too large resource version: \(position)")
    }
    return nil
  }
}
