import Corefile

/// What a request asks for: the path and the parameters of its target (RFC 9112 §3.2.1).
package struct PageRequest: Sendable {
  /// Why a target cannot be read; one line for a person.
  package struct Problem: Error, Sendable {
    /// The line.
    package let text: String

    /// A problem with its line.
    package init(text: String) {
      self.text = text
    }
  }

  /// Octets of a target: a name of 255 octets, each escaped and encoded, has room.
  package static let targetOctetCountMax = 4_096
  /// Parameters of a request.
  package static let parameterCountMax = 16

  /// The path as it came.
  package let path: String
  private let parameters: [String: String]

  /// Takes `target` apart: `/path?name=value&name=value`, `%` and two hexadecimal digits for any
  /// octet, `+` for a space.
  package init(target: String) throws(Problem) {
    guard target.utf8.count <= Self.targetOctetCountMax else {
      throw Problem(text: "the target is longer than \(Self.targetOctetCountMax) octets")
    }
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts.first ?? "")
    var found: [String: String] = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      guard found.count < Self.parameterCountMax else {
        throw Problem(text: "there are more than \(Self.parameterCountMax) parameters")
      }
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try Self.decoded(halves[0])
      let value = try Self.decoded(halves.count > 1 ? halves[1] : "")
      guard found.updateValue(value, forKey: name) == nil else {
        throw Problem(text: "\(quotedForMessage(name)) stands twice")
      }
    }
    parameters = found
  }

  /// The value of a parameter; `nil` without it.
  package subscript(name: String) -> String? { parameters[name] }

  /// Throws for a parameter that is none of `known`.
  package func expect(_ known: [String]) throws(Problem) {
    for name in parameters.keys.sorted() where !known.contains(name) {
      let list = known.isEmpty ? "none is expected" : "expected " + known.joined(separator: ", ")
      throw Problem(text: "there is no parameter \(quotedForMessage(name)); \(list)")
    }
  }

  private static func decoded(_ text: Substring) throws(Problem) -> String {
    var octets: [UInt8] = []
    var rest = text.utf8
    while let octet = rest.popFirst() {
      switch octet {
      case UInt8(ascii: "+"): octets.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
        else { throw Problem(text: "a % is not followed by two hexadecimal digits") }
        octets.append(high << 4 | low)
      default: octets.append(octet)
      }
    }
    guard let text = String(validating: octets, as: UTF8.self) else {
      throw Problem(text: "a parameter is not UTF-8; octets of a name are written \\DDD")
    }
    return text
  }

  private static func digit(_ octet: UInt8) -> UInt8? {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

/// What a request gets.
package struct PageReply: Sendable {
  /// The status (RFC 9110 §15).
  package let status: Int
  /// The text; a line end is added when there is none.
  package let text: String
  /// The text is JSON.
  package let isJSON: Bool

  /// A page.
  package init(_ text: String, isJSON: Bool = false) {
    self.init(status: 200, text, isJSON: isJSON)
  }

  /// Words with a status.
  package init(status: Int, _ text: String, isJSON: Bool = false) {
    self.status = status
    self.text = text.hasSuffix("\n") ? text : text + "\n"
    self.isJSON = isJSON
  }
}
