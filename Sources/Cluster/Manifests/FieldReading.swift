import DNSWire

/// Why a field, and with it the object or the list's element, is refused.
struct FieldRefusal: Error, Hashable, Sendable {
  /// The field's place in the object, as `spec.ports[0].port`.
  let field: String
  /// What is wrong with it.
  let message: String
}

/// Typed reading of fields. `null` and absent are the same (`nil`); any other type is refused.
extension ManifestValue {
  /// The most elements of one list.
  static let elementCountMax = 100_000

  /// Text; `nil` when absent.
  func text(_ field: @autoclosure () -> String) throws(FieldRefusal) -> String? {
    switch self {
    case .null: return nil
    case .text(let text): return text
    case .bool, .integer, .number:
      throw FieldRefusal(field: field(), message: "\(summary) is not text; put it in quotes")
    case .list, .map: throw FieldRefusal(field: field(), message: "\(summary) is not text")
    }
  }

  /// A boolean; `nil` when absent.
  func bool(_ field: @autoclosure () -> String) throws(FieldRefusal) -> Bool? {
    switch self {
    case .null: return nil
    case .bool(let bool): return bool
    default: throw FieldRefusal(field: field(), message: "\(summary) is not true or false")
    }
  }

  /// The elements of a list; none when absent.
  func elements(_ field: @autoclosure () -> String) throws(FieldRefusal) -> [ManifestValue] {
    switch self {
    case .null: return []
    case .list(let elements):
      guard elements.count <= Self.elementCountMax else {
        throw FieldRefusal(
          field: field(),
          message: "\(elements.count) elements are more than \(Self.elementCountMax)")
      }
      return elements
    default: throw FieldRefusal(field: field(), message: "\(summary) is not a list")
    }
  }

  /// This value itself when it is a mapping or absent.
  func mapping(_ field: @autoclosure () -> String) throws(FieldRefusal) -> ManifestValue {
    switch self {
    case .null, .map: return self
    default: throw FieldRefusal(field: field(), message: "\(summary) is not a mapping")
    }
  }

  /// A port number, 1...65535; `nil` when absent.
  func port(_ field: @autoclosure () -> String) throws(FieldRefusal) -> UInt16? {
    switch self {
    case .null: return nil
    case .integer(let number):
      guard let port = UInt16(exactly: number), port > 0 else {
        throw FieldRefusal(field: field(), message: "\(number) is not a port number (1...65535)")
      }
      return port
    default: throw FieldRefusal(field: field(), message: "\(summary) is not a port number")
    }
  }

  /// An IP address; refused when absent.
  func address(_ field: @autoclosure () -> String) throws(FieldRefusal) -> IPAddress {
    guard let text = try text(field()) else {
      throw FieldRefusal(field: field(), message: "the address is missing")
    }
    guard let address = IPAddress(text: text) else {
      throw FieldRefusal(
        field: field(), message: "\(ManifestText.quoted(text)) is not an IP address")
    }
    return address
  }

  /// A DNS label (RFC 1123 §2.1); empty when absent or empty.
  func label(_ field: @autoclosure () -> String) throws(FieldRefusal) -> String {
    guard let text = try text(field()), !text.isEmpty else { return "" }
    guard ObjectName.isLabel(text) else {
      throw FieldRefusal(
        field: field(),
        message: "\(ManifestText.quoted(text)) is not a DNS label "
          + "(1...63 of a-z, 0-9 and inner hyphens)")
    }
    return text
  }

  /// The `protocol` of a port; TCP when absent or empty.
  func transportProtocol(
    _ field: @autoclosure () -> String
  ) throws(FieldRefusal) -> TransportProtocol {
    guard let text = try text(field()), !text.isEmpty else { return .tcp }
    guard let transportProtocol = TransportProtocol(manifestText: text) else {
      throw FieldRefusal(
        field: field(), message: "\(ManifestText.quoted(text)) is not TCP, UDP or SCTP")
    }
    return transportProtocol
  }
}
