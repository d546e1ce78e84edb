/// Walks the fields of a protobuf message that is there as a whole, without reading what is in
/// them.
///
/// Only what surrounds objects (lists, envelopes, frames of a watch) is walked so; the objects
/// themselves are read by the generated messages. Total: any octets end in `nil` or a field.
struct ProtobufReader {
  /// One field.
  struct Field {
    /// The number in the message.
    let number: UInt64
    /// The octets of a length-delimited field; `nil` for any other wire type.
    let octets: ArraySlice<UInt8>?
  }

  /// Where the message stops being one.
  struct Malformed: Error {}

  /// The longest number, in octets.
  static let varintOctetCountMax = 10
  private var rest: ArraySlice<UInt8>

  /// A reader of a message.
  init(_ octets: ArraySlice<UInt8>) { rest = octets }

  /// The next field; `nil` at the end.
  mutating func next() throws(Malformed) -> Field? {
    guard !rest.isEmpty else { return nil }
    let tag = try varint()
    switch tag & 7 {
    case 0:
      _ = try varint()
      return Field(number: tag >> 3, octets: nil)
    case 1: return Field(number: tag >> 3, octets: try skipped(8))
    case 2: return Field(number: tag >> 3, octets: try take(try varint()))
    case 5: return Field(number: tag >> 3, octets: try skipped(4))
    default: throw Malformed()  // Groups are not used by Kubernetes.
    }
  }

  /// The octets of the last length-delimited field with this number; `nil` when there is none.
  static func octets(
    of number: UInt64, in message: ArraySlice<UInt8>
  ) throws(Malformed) -> ArraySlice<UInt8>? {
    var reader = ProtobufReader(message)
    var found: ArraySlice<UInt8>?
    while let field = try reader.next() {
      if field.number == number, let octets = field.octets { found = octets }
    }
    return found
  }

  /// A number and how many octets it takes; `nil` when its end is not there yet.
  static func varint(
    _ octets: ArraySlice<UInt8>
  ) throws(Malformed) -> (value: UInt64, octetCount: Int)? {
    var value: UInt64 = 0
    for (index, octet) in octets.prefix(varintOctetCountMax).enumerated() {
      value |= UInt64(octet & 0x7F) << UInt64(7 * index)
      if octet < 0x80 { return (value, index + 1) }
    }
    guard octets.count < varintOctetCountMax else { throw Malformed() }
    return nil
  }

  private mutating func varint() throws(Malformed) -> UInt64 {
    guard let (value, octetCount) = try Self.varint(rest) else { throw Malformed() }
    rest = rest.dropFirst(octetCount)
    return value
  }

  private mutating func take(_ count: UInt64) throws(Malformed) -> ArraySlice<UInt8> {
    guard let count = Int(exactly: count), count <= rest.count else { throw Malformed() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func skipped(_ count: UInt64) throws(Malformed) -> ArraySlice<UInt8>? {
    _ = try take(count)
    return nil
  }
}
