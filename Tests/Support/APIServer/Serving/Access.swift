import Synchronization

/// Who may do what: tokens, and verbs on resources (RBAC).
package final class Access: Sendable {
  /// One thing that is allowed.
  package struct Rule: Hashable, Sendable {
    /// `list`, `watch` and so on.
    package let verb: APICall.Verb
    /// The resource's name.
    package let resource: String

    /// A rule from its parts.
    package init(_ verb: APICall.Verb, _ resource: String) {
      self.verb = verb
      self.resource = resource
    }
  }

  /// What CoreDNS's ClusterRole allows.
  package static let usualRules = Set(
    ["services", "endpoints", "endpointslices", "pods", "namespaces"].flatMap {
      [Rule(.list, $0), Rule(.watch, $0)]
    })

  private struct State {
    var tokens: Set<String>
    var rules = Access.usualRules
  }

  private let state: Mutex<State>

  /// CoreDNS's ClusterRole for whoever has one of the tokens.
  init(tokens: Set<String>) {
    state = Mutex(State(tokens: tokens))
  }

  /// Who is the user behind a token.
  static let user = "system:serviceaccount:kube-system:coredns"

  /// The tokens that are accepted. Those taken away get 401 from now on.
  package var tokens: Set<String> {
    get { state.withLock { $0.tokens } }
    set { state.withLock { $0.tokens = newValue } }
  }

  /// What is allowed. Everything else gets 403.
  package var rules: Set<Rule> {
    get { state.withLock { $0.rules } }
    set { state.withLock { $0.rules = newValue } }
  }

  /// Allows lists and watches of another resource.
  package func allow(_ kind: ResourceKind) {
    state.withLock { state in
      state.rules.formUnion([Rule(.list, kind.plural), Rule(.watch, kind.plural)])
    }
  }

  /// Forbids lists and watches of a resource.
  package func forbid(_ kind: ResourceKind) {
    state.withLock { state in
      state.rules = state.rules.filter { $0.resource != kind.plural }
    }
  }

  /// Why a request is refused, if it is. `authorization` is the header's value.
  func complaint(_ call: APICall, authorization: String?, hasCertificate: Bool) -> Refusal? {
    let (tokens, rules) = state.withLock { ($0.tokens, $0.rules) }
    let isKnown = authorization.map { header in
      header.hasPrefix("Bearer ") && tokens.contains(String(header.dropFirst(7)))
    }
    guard isKnown ?? hasCertificate else {
      return Refusal(401, "Unauthorized", "Unauthorized")
    }
    guard call.isResource, !rules.contains(Rule(call.verb, call.resource)) else { return nil }
    let scope =
      call.namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(call.namespace)\""
    return Refusal(
      403, "Forbidden",
      "\(call.resource) is forbidden: User \"\(Self.user)\" cannot \(call.verb.rawValue) "
        + "resource \"\(call.resource)\" in API group \"\(call.group)\" \(scope)",
      resource: call.resource)
  }

  /// Whether a request is one that a DNS server has no business with.
  static func isViolation(_ call: APICall) -> Bool {
    if call.kind == .serviceImports { return call.verb != .list && call.verb != .watch }
    return !call.isResource || !usualRules.contains(Rule(call.verb, call.resource))
  }
}
