import NIOHTTP1

/// A request as the API server understands it.
package struct APICall: Sendable {
  /// What is wanted, in the words of RBAC.
  package enum Verb: String, CaseIterable, Hashable, Sendable {
    case list, watch, get, create, update, patch, delete, deletecollection
    /// An HTTP method that is none of the API.
    case unknown
  }

  /// What is wanted.
  package let verb: Verb
  /// The resource's name, such as `services`; the path itself when it names no resource.
  package let resource: String
  /// The API group.
  let group: String
  /// The resource's kind; `nil` for all that the server does not have.
  package let kind: ResourceKind?
  /// The namespace; empty for all.
  package let namespace: String
  /// Whether the path is that of a resource or an object.
  let isResource: Bool
  /// The query, with the escapes undone.
  package let query: [String: String]

  /// What a request's head says.
  init(_ head: HTTPRequestHead) {
    let parts = head.uri.split(separator: "?", maxSplits: 1)
    query = Self.query(parts.count > 1 ? parts[1] : "")
    let path = parts.first ?? ""
    let words = path.split(separator: "/").map { Self.unescaped($0) }
    let isCore = words.first == "api"
    let headCount = isCore ? 2 : 3
    isResource = (isCore || words.first == "apis") && words.count > headCount
    guard isResource else {
      (verb, resource, group, kind, namespace) = (.get, String(path), "", nil, "")
      return
    }
    group = isCore ? "" : words[1]
    let apiVersion = words[1..<headCount].joined(separator: "/")
    var rest = words[headCount...]
    // `namespaces/shop/services`, but `namespaces/shop` is an object.
    if rest.first == "namespaces", rest.count > 2 {
      namespace = rest[rest.startIndex + 1]
      rest = rest.dropFirst(2)
    } else {
      namespace = ""
    }
    let resource = rest.first ?? ""
    self.resource = resource
    kind = ResourceKind.allCases.first { $0.apiVersion == apiVersion && $0.plural == resource }
    let isWatch = ["1", "true"].contains(query["watch"] ?? "")
    verb = Self.verb(head.method, isObject: rest.count > 1, isWatch: isWatch)
  }

  private static func verb(_ method: HTTPMethod, isObject: Bool, isWatch: Bool) -> Verb {
    switch method {
    case .GET, .HEAD: isObject ? .get : isWatch ? .watch : .list
    case .POST: .create
    case .PUT: .update
    case .PATCH: .patch
    case .DELETE: isObject ? .delete : .deletecollection
    default: .unknown
    }
  }

  // MARK: - Escapes

  static func query(_ text: Substring) -> [String: String] {
    var query: [String: String] = [:]
    for item in text.split(separator: "&") {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[unescaped(parts[0])] = parts.count > 1 ? unescaped(parts[1]) : ""
    }
    return query
  }

  /// A text without its percent signs (RFC 3986 section 2.1).
  private static func unescaped(_ text: Substring) -> String {
    var octets: [UInt8] = []
    var rest = text.utf8[...]
    while let octet = rest.first {
      rest = rest.dropFirst()
      let digits = String(decoding: Array(rest.prefix(2)), as: UTF8.self)
      if octet == UInt8(ascii: "%"), let value = UInt8(digits, radix: 16) {
        octets.append(value)
        rest = rest.dropFirst(2)
      } else {
        octets.append(octet == UInt8(ascii: "+") ? UInt8(ascii: " ") : octet)
      }
    }
    return String(decoding: octets, as: UTF8.self)
  }
}
