/// Writes protobuf field by field.
struct ProtobufWriter {
  /// What was written.
  private(set) var octets: [UInt8] = []

  /// A whole number; negative ones take ten octets.
  mutating func number(_ field: UInt64, _ value: Int64) {
    varint(field << 3)
    varint(UInt64(bitPattern: value))
  }

  /// Octets, text or a message.
  mutating func bytes(_ field: UInt64, _ value: [UInt8]) {
    lead(field, octetCount: value.count)
    octets += value
  }

  /// Text.
  mutating func text(_ field: UInt64, _ value: String) {
    lead(field, octetCount: value.utf8.count)
    octets += Array(value.utf8)
  }

  /// The tag and length before so many octets.
  mutating func lead(_ field: UInt64, octetCount: Int) {
    varint(field << 3 | 2)
    varint(UInt64(octetCount))
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      octets.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    octets.append(UInt8(rest))
  }
}

/// What Kubernetes puts around a message: four octets and runtime.Unknown, with the message between
/// `head` and `tail`.
struct ProtobufWrapping {
  /// What stands before the message.
  let head: [UInt8]
  /// What stands behind it.
  let tail: [UInt8]

  /// The wrapping of a message of so many octets.
  init(apiVersion: String, kind: String, octetCount: Int) {
    var meta = ProtobufWriter()
    meta.text(1, apiVersion)
    meta.text(2, kind)
    var unknown = ProtobufWriter()
    unknown.bytes(1, meta.octets)
    unknown.lead(2, octetCount: octetCount)
    head = [0x6B, 0x38, 0x73, 0x00] + unknown.octets
    var rest = ProtobufWriter()
    rest.text(3, "")
    rest.text(4, "")
    tail = rest.octets
  }

  /// A message with its wrapping.
  static func whole(apiVersion: String, kind: String, _ message: [UInt8]) -> [UInt8] {
    let wrapping = ProtobufWrapping(
      apiVersion: apiVersion, kind: kind, octetCount: message.count)
    return wrapping.head + message + wrapping.tail
  }
}
