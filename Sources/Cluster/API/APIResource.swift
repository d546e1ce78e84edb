/// Objects of one kind, as the API server is asked for them: all of them, or those of one
/// namespace, or those that selectors choose. List and watch are all that is ever asked.
package struct APIResource: Hashable, Sendable {
  /// The kind.
  package let kind: ObjectKind
  /// The namespace; empty for all.
  package var namespace = ""
  /// The `labelSelector`; empty for none.
  package var labelSelector = ""
  /// The `fieldSelector`; empty for none.
  package var fieldSelector = ""

  /// All objects of a kind.
  package init(kind: ObjectKind) { self.kind = kind }

  /// The name in paths and in RBAC rules, such as `endpointslices`.
  package var label: String {
    switch kind {
    case .service: "services"
    case .endpointSlice: "endpointslices"
    case .namespace: "namespaces"
    case .pod: "pods"
    }
  }

  /// Whether the API server knows the kind from a CustomResourceDefinition: such objects come as
  /// JSON alone.
  package var isCustom: Bool { false }

  /// The path of a request, such as `/api/v1/services`.
  package var path: String {
    let group = kind == .endpointSlice ? "/apis/discovery.k8s.io/v1" : "/api/v1"
    let scope = namespace.isEmpty ? "" : "/namespaces/\(Self.escaped(namespace))"
    return "\(group)\(scope)/\(label)"
  }

  /// The query of a request, escaped (RFC 3986 section 2.1), without the question mark.
  package func query(_ request: APIRequest) -> String {
    var items: [(String, String)] = []
    if !labelSelector.isEmpty { items.append(("labelSelector", labelSelector)) }
    if !fieldSelector.isEmpty { items.append(("fieldSelector", fieldSelector)) }
    return (items + request.queryItems).map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
  }

  private static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var octets: [UInt8] = []
    for octet in text.utf8 {
      switch octet {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        octets.append(octet)
      default:
        octets += [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
      }
    }
    return String(decoding: octets, as: UTF8.self)
  }
}

/// What the API server is asked.
package enum APIRequest: Hashable, Sendable {
  /// A list as of now, or the next page of one. `limit` is the most objects, 0 for all at once.
  case list(limit: Int, continueToken: String)
  /// Everything that happens behind `version`, for so many seconds.
  case watch(version: String, timeoutSeconds: Int)
  /// All objects as of now, then everything that happens (KEP-3157).
  case watchFromStart(timeoutSeconds: Int)

  /// Whether the response goes on until somebody ends it.
  package var isWatch: Bool {
    if case .list = self { false } else { true }
  }

  /// The query's names and values.
  package var queryItems: [(String, String)] {
    switch self {
    case .list(let limit, let token):
      (limit > 0 ? [("limit", "\(limit)")] : []) + (token.isEmpty ? [] : [("continue", token)])
    case .watch(let version, let seconds):
      Self.watchItems(seconds) + [("resourceVersion", version)]
    case .watchFromStart(let seconds):
      Self.watchItems(seconds) + [
        ("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan"),
        ("resourceVersion", ""),
      ]
    }
  }

  private static func watchItems(_ seconds: Int) -> [(String, String)] {
    [("watch", "true"), ("allowWatchBookmarks", "true"), ("timeoutSeconds", "\(seconds)")]
  }
}
