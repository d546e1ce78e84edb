import FoundationEssentials

/// Reads JSON text into a pruned value.
///
/// Foundation refuses more than 512 levels of nesting; of the kept fields a few are enough.
enum JSONDocument {
  /// The one value of `text`, given as UTF-8, pruned to the fields of a manifest.
  static func read(_ text: [UInt8]) throws(ManifestFormatProblem) -> ManifestValue {
    try read(text, keeping: ManifestFields.self)
  }

  /// The one value of `text`, given as UTF-8, pruned to the fields that `fields` keeps.
  static func read<Fields: KeptFields>(
    _ text: some Sequence<UInt8>, keeping fields: Fields.Type
  ) throws(ManifestFormatProblem) -> ManifestValue {
    do {
      return try JSONDecoder().decode(JSONTree<Fields>.self, from: Data(text)).value
    } catch let problem as ManifestFormatProblem {
      throw problem
    } catch {
      throw ManifestFormatProblem(document: 1, message: "the JSON text is not well formed")
    }
  }
}

/// A pruned JSON value, decoded through the single-value, list and mapping views in turn.
private struct JSONTree<Fields: KeptFields>: Decodable {
  let value: ManifestValue

  /// The most elements of a list, which may be a List of a whole cluster's objects.
  private static var elementCountMax: Int { 1_000_000 }

  init(from decoder: any Decoder) throws {
    let path = decoder.codingPath
    guard path.count <= ManifestFields.depthMax else {
      throw ManifestFormatProblem(
        document: 1, message: "fields are nested deeper than \(ManifestFields.depthMax) levels")
    }
    if let scalar = Self.scalar(try decoder.singleValueContainer()) {
      value = scalar
    } else if var list = try? decoder.unkeyedContainer() {
      value = try Self.elements(&list)
    } else {
      let parent = path.last?.stringValue ?? ""
      value = try Self.fields(decoder.container(keyedBy: FieldName.self), below: parent)
    }
  }

  private static func scalar(_ container: any SingleValueDecodingContainer) -> ManifestValue? {
    if container.decodeNil() { return .null }
    if let text = try? container.decode(String.self) { return .text(text) }
    if let bool = try? container.decode(Bool.self) { return .bool(bool) }
    if let integer = try? container.decode(Int64.self) { return .integer(integer) }
    if let number = try? container.decode(Double.self) { return .number("\(number)") }
    return nil
  }

  private static func elements(_ list: inout any UnkeyedDecodingContainer) throws -> ManifestValue {
    var elements: [ManifestValue] = []
    while !list.isAtEnd {
      guard elements.count < elementCountMax else {
        throw ManifestFormatProblem(
          document: 1, message: "there are more than \(elementCountMax) elements in a list")
      }
      elements.append(try list.decode(JSONTree<Fields>.self).value)
    }
    return .list(elements)
  }

  private static func fields(
    _ container: KeyedDecodingContainer<FieldName>, below parent: String
  ) throws -> ManifestValue {
    var fields: [String: ManifestValue] = [:]
    for name in container.allKeys where Fields.keeps(name.stringValue, below: parent) {
      fields[name.stringValue] = try container.decode(JSONTree<Fields>.self, forKey: name).value
    }
    return .map(fields)
  }
}

/// The name of any field.
private struct FieldName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
