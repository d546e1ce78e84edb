/// How a message is written: its fields by increasing number.
struct MessageSchema: Sendable {
  /// The type of a field.
  indirect enum FieldType: Sendable {
    /// Text.
    case text
    /// A whole number.
    case number
    /// A truth value.
    case bool
    /// A message.
    case message(MessageSchema)
    /// Messages.
    case messages(MessageSchema)
    /// Texts.
    case texts
    /// Texts by name; sorted by name.
    case map
    /// A date and time (`Time`).
    case time
    /// A number or a text (`IntOrString`).
    case numberOrText
    /// Any JSON, as octets in a message (`FieldsV1`).
    case rawJSON
  }

  /// A field.
  struct Field: Sendable {
    let number: UInt64
    let name: String
    let type: FieldType
    /// Whether it is written when it is not set, too: a Go field that is no pointer.
    let isAlways: Bool

    static func always(_ number: UInt64, _ name: String, _ type: FieldType = .text) -> Field {
      Field(number: number, name: name, type: type, isAlways: true)
    }

    static func optional(_ number: UInt64, _ name: String, _ type: FieldType = .text) -> Field {
      Field(number: number, name: name, type: type, isAlways: false)
    }
  }

  let fields: [Field]

  /// The message of an object.
  func octets(_ tree: Tree) -> [UInt8] {
    var writer = ProtobufWriter()
    let members = tree.members
    for field in fields {
      let value = members.first { $0.name == field.name }?.value
      if value == nil, !field.isAlways { continue }
      Self.write(value ?? .null, field, to: &writer)
    }
    return writer.octets
  }

  private static func write(_ value: Tree, _ field: Field, to writer: inout ProtobufWriter) {
    let number = field.number
    switch field.type {
    case .text: writer.text(number, value.text)
    case .number: writer.number(number, value.integer)
    case .bool: writer.number(number, value == .bool(true) ? 1 : 0)
    case .message(let schema): writer.bytes(number, schema.octets(value))
    case .messages(let schema):
      for element in value.elements { writer.bytes(number, schema.octets(element)) }
    case .texts:
      for element in value.elements { writer.text(number, element.text) }
    case .map:
      for member in value.members.sorted(by: { $0.name < $1.name }) {
        var entry = ProtobufWriter()
        entry.text(1, member.name)
        entry.text(2, member.value.text)
        writer.bytes(number, entry.octets)
      }
    case .time: writer.bytes(number, Timestamp.octets(value.text))
    case .numberOrText:
      var entry = ProtobufWriter()
      entry.number(1, value.text.isEmpty ? 0 : 1)
      entry.number(2, value.integer)
      entry.text(3, value.text)
      writer.bytes(number, entry.octets)
    case .rawJSON:
      var entry = ProtobufWriter()
      entry.bytes(1, JSONText.octets(value))
      writer.bytes(number, entry.octets)
    }
  }
}

extension Tree {
  fileprivate var integer: Int64 {
    if case .integer(let number) = self { number } else { 0 }
  }
}

/// Dates and times as JSON has them (RFC 3339, UTC) and as protobuf has them.
enum Timestamp {
  /// The message `Time` of a text; an empty one when it is none.
  static func octets(_ text: String) -> [UInt8] {
    guard let seconds = seconds(text) else { return [] }
    var writer = ProtobufWriter()
    writer.number(1, seconds)
    writer.number(2, 0)
    return writer.octets
  }

  /// Seconds since 1970 of `2026-01-31T12:00:00Z`.
  static func seconds(_ text: String) -> Int64? {
    let parts = text.split { !$0.isNumber }.compactMap { Int64($0) }
    guard parts.count == 6 else { return nil }
    // Days of the proleptic Gregorian calendar, years beginning in March.
    let year = parts[1] > 2 ? parts[0] : parts[0] - 1
    let month = (parts[1] + 9) % 12
    let days =
      year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + parts[2] - 1
    return (days - 719_468) * 86_400 + parts[3] * 3_600 + parts[4] * 60 + parts[5]
  }
}
