/// Takes a list in JSON apart while it arrives: the `metadata` and the elements of `items` of the
/// one mapping. What is inside a part is checked by who reads it; the rest is skipped.
struct JSONListSplitter: ListSplitting {
  private enum Role {
    case skip
    case head
    case item
  }

  private enum Place {
    case start
    /// Before a key or the closing brace.
    case fields
    case key
    case colon
    /// Before a value.
    case value
    /// In a value.
    case inside(Role)
    case afterValue
    /// Before an element of `items` or the closing bracket.
    case elements
    case end
  }

  private var place = Place.start
  private var key: [UInt8] = []
  private var isInItems = false
  /// The octets of the value so far, if they are wanted.
  private var kept: [UInt8] = []
  private var isOversized = false
  private var depth = 0
  private var isInText = false
  private var isEscaped = false

  private static let keyOctetCountMax = 64

  var isWhole: Bool {
    if case .end = place { true } else { false }
  }

  mutating func feed(_ octets: [UInt8]) throws(APIDecodingProblem) -> [ListPart] {
    var parts: [ListPart] = []
    for octet in octets {
      if case .inside(let role) = place {
        if take(octet, role, &parts) { continue }
      }
      try step(octet, &parts)
    }
    return parts
  }

  // MARK: - Between values

  private mutating func step(
    _ octet: UInt8, _ parts: inout [ListPart]
  ) throws(APIDecodingProblem) {
    if case .key = place { return takeKey(octet) }
    if octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D { return }
    switch (place, octet) {
    case (.start, UInt8(ascii: "{")): place = .fields
    case (.fields, UInt8(ascii: "\"")):
      key = []
      place = .key
    case (.fields, UInt8(ascii: "}")), (.afterValue, UInt8(ascii: "}")): place = .end
    case (.afterValue, UInt8(ascii: ",")): place = .fields
    case (.colon, UInt8(ascii: ":")): place = .value
    case (.value, UInt8(ascii: "[")) where key == Array("items".utf8):
      isInItems = true
      place = .elements
    case (.value, _): begin(octet, key == Array("metadata".utf8) ? .head : .skip)
    case (.elements, UInt8(ascii: "]")):
      isInItems = false
      place = .afterValue
    case (.elements, UInt8(ascii: ",")): break
    case (.elements, _): begin(octet, .item)
    default: throw APIDecodingProblem(message: "the list is not well-formed JSON")
    }
  }

  private mutating func takeKey(_ octet: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if octet == UInt8(ascii: "\\") {
      isEscaped = true
    } else if octet == UInt8(ascii: "\"") {
      place = .colon
      return
    }
    if key.count < Self.keyOctetCountMax { key.append(octet) }
  }

  // MARK: - Values

  private mutating func begin(_ octet: UInt8, _ role: Role) {
    kept = role == .skip ? [] : [octet]
    isOversized = false
    isEscaped = false
    isInText = octet == UInt8(ascii: "\"")
    depth = octet == UInt8(ascii: "{") || octet == UInt8(ascii: "[") ? 1 : 0
    place = .inside(role)
  }

  /// Takes an octet of a value; `false` when it is the first behind it.
  private mutating func take(_ octet: UInt8, _ role: Role, _ parts: inout [ListPart]) -> Bool {
    if depth == 0, !isInText, Self.endsScalar(octet) {
      end(role, &parts)
      return false
    }
    keep(octet, role)
    if isInText {
      if isEscaped {
        isEscaped = false
      } else if octet == UInt8(ascii: "\\") {
        isEscaped = true
      } else if octet == UInt8(ascii: "\"") {
        isInText = false
      }
      return true
    }
    switch octet {
    case UInt8(ascii: "\""): isInText = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      if depth == 0 { end(role, &parts) }
    default: break
    }
    return true
  }

  private mutating func keep(_ octet: UInt8, _ role: Role) {
    guard role != .skip, !isOversized else { return }
    guard kept.count < APIFormat.objectOctetCountMax else {
      isOversized = true
      kept = []
      return
    }
    kept.append(octet)
  }

  private mutating func end(_ role: Role, _ parts: inout [ListPart]) {
    place = isInItems ? .elements : .afterValue
    if isOversized {
      parts.append(.oversized)
    } else {
      switch role {
      case .skip: break
      case .head: parts.append(.head(kept[...]))
      case .item: parts.append(.item(kept[...]))
      }
    }
    kept = []
  }

  private static func endsScalar(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09, 0x0A, 0x0D: true
    default: false
    }
  }
}
