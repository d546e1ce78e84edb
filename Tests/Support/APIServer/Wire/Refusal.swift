/// Why the server says no (meta/v1 Status).
package struct Refusal: Error, Hashable, Sendable {
  /// The HTTP status code.
  package var code: Int
  /// The reason in one word.
  package var reason: String
  /// The reason for people.
  package var message: String
  /// The resource it is about; empty for none.
  package var resource = ""
  /// When to try again, in seconds; 0 for unknown.
  package var retryAfterSeconds = 0

  /// A refusal from its parts.
  package init(
    _ code: Int, _ reason: String, _ message: String, resource: String = "",
    retryAfterSeconds: Int = 0
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.resource = resource
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// A Status without its `kind` and `apiVersion`.
  var tree: Tree {
    let details = Tree.members([
      ("kind", resource.isEmpty ? nil : .text(resource)),
      ("retryAfterSeconds", retryAfterSeconds > 0 ? .integer(Int64(retryAfterSeconds)) : nil),
    ])
    return .members([
      ("metadata", [:]), ("status", "Failure"), ("message", .text(message)),
      ("reason", .text(reason)), ("details", details.members.isEmpty ? nil : details),
      ("code", .integer(Int64(code))),
    ])
  }

  /// A Status as a whole, without a line end.
  func octets(_ format: WireFormat) -> [UInt8] {
    switch format {
    case .json:
      JSONText.octets(
        .object(
          [.init(name: "kind", value: "Status"), .init(name: "apiVersion", value: "v1")]
            + tree.members))
    case .protobuf:
      ProtobufWrapping.whole(
        apiVersion: "v1", kind: "Status", Schemas.status.octets(tree))
    }
  }

  // MARK: - The usual ones

  static func expired(_ message: String) -> Refusal { Refusal(410, "Expired", message) }

  static let continueExpired = expired(
    "The provided continue parameter is too old to display a consistent list result. You can "
      + "start a new list without the continue parameter.")

  static func tooLarge(_ version: Int, current: Int) -> Refusal {
    Refusal(
      504, "Timeout", "Timeout: Too large resource version: \(version), current: \(current)",
      retryAfterSeconds: 1)
  }

  static func badRequest(_ message: String) -> Refusal { Refusal(400, "BadRequest", message) }

  /// What a server says of itself with a code that faults ask for.
  static func fault(_ code: Int, retryAfterSeconds: Int) -> Refusal {
    let (reason, message): (String, String)
    switch code {
    case 401: (reason, message) = ("Unauthorized", "Unauthorized")
    case 403: (reason, message) = ("Forbidden", "forbidden for a test")
    case 404: (reason, message) = ("NotFound", "the server could not find the requested resource")
    case 410: (reason, message) = ("Expired", "too old resource version: 1 (2)")
    case 429: (reason, message) = ("TooManyRequests", "too many requests, please try again later")
    case 500: (reason, message) = ("InternalError", "etcdserver: leader changed")
    case 503: (reason, message) = ("ServiceUnavailable", "apiserver is shutting down")
    case 504: (reason, message) = ("Timeout", "the server was unable to return a response in time")
    default: (reason, message) = ("Unknown", "a code for a test")
    }
    return Refusal(code, reason, message, retryAfterSeconds: retryAfterSeconds)
  }
}
