import Cluster
import DNSWire
import Testing
import TestSupport

/// A reflector on a virtual clock, and what came out of it.
struct ReflectorHarness {
  var reflector: Reflector
  /// The virtual time.
  var now = Duration.seconds(1_000)
  /// What the changes so far come to.
  private(set) var known: [ObjectKey: ClusterObject] = [:]
  /// The last request, until it is over.
  private(set) var request: (id: UInt64, request: APIRequest)?
  /// Actions since they were last looked at.
  private var fresh: [ReflectorAction] = []
  private(set) var notices: [String] = []

  init(_ adjust: (inout ReflectorOptions) -> Void = { _ in }) {
    var options = ReflectorOptions()
    adjust(&options)
    reflector = Reflector(
      APIResource(kind: .service), options: options, random: SeededGenerator(seed: 1))
  }

  var id: UInt64 { request?.id ?? 0 }

  /// What was done since the last look, in short words.
  mutating func story() -> [String] {
    defer { fresh = [] }
    return fresh.compactMap { action in
      switch action {
      case .send(_, .list(let limit, let token)):
        "list \(limit)" + (token.isEmpty ? "" : " from \(token)")
      case .send(_, .watch(let version, _)): "watch \(version)"
      case .send(_, .watchFromStart): "watch from start"
      case .cancel: "cancel"
      case .refreshCredentials: "refresh"
      case .apply(let changes): changes.map(Self.word).joined(separator: " ")
      case .tell: nil
      }
    }
  }

  private static func word(_ change: ObjectChange) -> String {
    switch change {
    case .set(let object): "+\(object.key.name)"
    case .delete(_, let key): "-\(key.name)"
    }
  }

  // MARK: - Driving

  mutating func start() { take(reflector.start(at: now)) }

  mutating func send(_ event: ReflectorEvent) { take(reflector.handle(event, at: now)) }

  /// Time passes; `timer` comes when it is due.
  mutating func pass(_ time: Duration) {
    let end = now + time
    while let deadline = reflector.deadline, deadline <= end {
      now = max(now, deadline)
      send(.timer)
    }
    now = end
  }

  mutating func watched(_ event: APIWatchEvent) { send(.watched(id, event)) }

  /// A list of one page and the beginning of the watch behind it.
  mutating func sync(_ names: String..., version: String = "10") {
    start()
    list(names, version: version)
    send(.accepted(id))
    fresh = []
  }

  mutating func list(_ names: [String], version: String = "10", token: String = "") {
    send(.accepted(id))
    send(.listed(id, names.map { Self.item($0) }))
    send(.listEnded(id, APIListEnd(version: version, continueToken: token)))
  }

  private mutating func take(_ actions: [ReflectorAction]) {
    fresh += actions
    for action in actions {
      switch action {
      case .send(let id, let request): self.request = (id, request)
      case .apply(let changes):
        for case .set(let object) in changes { known[object.key] = object }
        for case .delete(_, let key) in changes { known[key] = nil }
      case .tell(let notice): notices.append(notice.message)
      case .cancel, .refreshCredentials: break
      }
    }
  }

  // MARK: - Objects

  /// A Service; `web@2` has another address and version than `web`, `web#b` another UID.
  static func item(_ text: String, version: String = "7") -> APIObject {
    let uid = text.split(separator: "#").dropFirst().first.map(String.init) ?? "a"
    let parts = text.prefix { $0 != "#" }.split(separator: "@")
    let key = ObjectKey(namespace: "shop", name: parts.first.map(String.init) ?? "")
    let number = parts.dropFirst().first ?? "1"
    let service = Service(
      key: key, clusterIPs: ObjectText.addresses("10.0.0.\(number)"), uid: uid)
    return APIObject(key: key, object: .service(service), uid: uid, version: version)
  }

  var names: [String] { known.keys.map(\.name).sorted() }
}
