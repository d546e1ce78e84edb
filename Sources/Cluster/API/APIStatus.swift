import SwiftProtobuf

/// Why the API server refused a request or ended a watch (meta/v1 Status).
package struct APIStatus: Error, Hashable, Sendable {
  /// The HTTP status code; 0 when it could not be told.
  package var code: Int
  /// The reason in one word, such as `Expired`; empty when absent.
  package var reason: String
  /// The reason for people; empty when absent.
  package var message: String
  /// When to try again; `nil` when it is not said.
  package var retryAfter: Duration?

  /// The longest body that is looked at, in octets.
  package static let octetCountMax = 65_536

  /// A status from its parts.
  package init(
    code: Int, reason: String = "", message: String = "", retryAfter: Duration? = nil
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.retryAfter = retryAfter
  }

  /// A refused response: what its body says, with the code and `Retry-After` of its head where
  /// they are known. Whatever the body is, there is a status.
  package init(code: Int, retryAfter: Duration?, body: [UInt8], format: APIFormat?) {
    self.init(code: code)
    if body.count <= Self.octetCountMax, let format { self = Self(body[...], format: format) }
    self.code = code
    self.retryAfter = retryAfter ?? self.retryAfter
  }

  /// Reads a Status; one without a code when the octets are none.
  init(_ octets: ArraySlice<UInt8>, format: APIFormat) {
    switch format {
    case .json:
      let value = try? JSONDocument.read(octets, keeping: APIFields.self)
      self.init(value ?? .null)
    case .protobuf: self = Self.protobuf(octets)
    }
  }

  /// Reads a Status from a JSON value.
  init(_ value: ManifestValue) {
    var code = 0
    if case .integer(let number) = value["code"] { code = Int(clamping: number) }
    var seconds: Int64 = 0
    if case .integer(let number) = value["details"]["retryAfterSeconds"] { seconds = number }
    self.init(
      code: code, reason: Self.text(value["reason"]), message: Self.text(value["message"]),
      retryAfter: Self.delay(seconds))
  }

  /// Whether what was asked for is compacted away, so that only a new list helps.
  package var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

  /// Whether a server does not know a version as new as the one that was asked for.
  package var isVersionTooLarge: Bool {
    code == 504 && message.lowercased().contains("too large resource version")
  }

  /// Whether the same request would be refused again: a client error, but none that waiting helps.
  package var isFinal: Bool { (400..<500).contains(code) && ![408, 410, 429].contains(code) }

  /// `403 (Forbidden: services is forbidden)`, cut after 300 characters.
  package var summary: String {
    let words = [reason, message].filter { !$0.isEmpty }.joined(separator: ": ")
    let shown = String(words.prefix(Self.summaryCharacterCountMax)).filter { !$0.isNewline }
    return shown.isEmpty ? "\(code)" : "\(code) (\(shown))"
  }

  private static let summaryCharacterCountMax = 300

  private static func protobuf(_ octets: ArraySlice<UInt8>) -> APIStatus {
    guard let raw = try? ProtobufEnvelope.object(octets),
      let refusal = try? Kube_Refusal(
        serializedBytes: Array(raw), partial: true, options: ProtobufEnvelope.options)
    else { return APIStatus(code: 0) }
    return APIStatus(
      code: Int(refusal.code), reason: refusal.reason, message: refusal.message,
      retryAfter: delay(Int64(refusal.details.retryAfterSeconds)))
  }

  private static func delay(_ seconds: Int64) -> Duration? {
    seconds > 0 ? .seconds(min(seconds, 86_400)) : nil
  }

  private static func text(_ value: ManifestValue) -> String {
    guard case .text(let text) = value else { return "" }
    return text
  }
}
