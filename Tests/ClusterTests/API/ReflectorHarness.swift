import Cluster
import DNSWire
import Testing
import TestSupport

/// A reflector on a virtual clock with records behind it, and what came out of it.
struct ReflectorHarness {
  var reflector: Reflector
  let records = ClusterRecords(options: RecordOptions(), now: 1)
  /// Whether nothing can be taken: the store is full.
  var isFull = false
  /// The virtual time.
  var now = Duration.seconds(1_000)
  /// The last request, until it is over.
  private(set) var request: (id: UInt64, request: APIRequest)?
  /// What was done since the last look, in short words.
  private var fresh: [String] = []
  private(set) var notices: [String] = []

  init(_ adjust: (inout ReflectorOptions) -> Void = { _ in }) {
    var options = ReflectorOptions()
    options.usesWatchList = false
    adjust(&options)
    reflector = Reflector(
      APIResource(kind: .service), options: options, random: SeededGenerator(seed: 1))
  }

  var id: UInt64 { request?.id ?? 0 }

  /// What was done since the last look, in short words; what changed no object is left out.
  mutating func story() -> [String] {
    defer { fresh = [] }
    return fresh
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
    for action in actions {
      switch action {
      case .send(let id, let request):
        self.request = (id, request)
        fresh.append(Self.word(request))
      case .apply, .sweep: perform(action)
      case .tell(let notice): notices.append(notice.message)
      case .cancel: fresh.append("cancel")
      case .refreshCredentials: fresh.append("refresh")
      }
    }
  }

  private static func word(_ request: APIRequest) -> String {
    switch request {
    case .list(let limit, let token):
      "list \(limit)" + (token.isEmpty ? "" : " from \(token)")
    case .watch(let version, _): "watch \(version)"
    case .watchFromStart: "watch from start"
    }
  }

  private mutating func perform(_ action: ReflectorAction) {
    if isFull { return send(.rejected) }
    let before = names
    var changed: [String] = []
    if case .apply(let events, let verifies) = action {
      var sum = EventOutcome()
      for event in events {
        guard let outcome = try? records?.apply(events: [event], now: 1) else { continue }
        sum += outcome
        let sign = if case .set = event { "+" } else { "-" }
        if outcome.changeCount > 0 { changed.append(sign + event.key.name) }
      }
      send(.applied(sum, verifies: verifies))
    } else if let event = records?.perform(action, now: 1) {
      changed = Set(before).subtracting(names).sorted().map { "-" + $0 }
      send(event)
    }
    if !changed.isEmpty { fresh.append(changed.joined(separator: " ")) }
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

  var names: [String] { (records?.keys(of: .service) ?? []).map(\.name).sorted() }
}
