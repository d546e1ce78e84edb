/// A component of a file pattern: `*` any text, `?` any character, `[a-z]` and `[^a-z]` sets, `\`
/// takes the next character as it is. Names that start with a dot match only patterns that do.
package struct GlobPattern: Sendable {
  private enum Element: Sendable, Equatable {
    case anyText
    case anyOne
    case one(Unicode.Scalar)
    case set([ClosedRange<UInt32>], isNegated: Bool)
  }

  private var elements: [Element] = []

  /// A pattern for one component of a path; `nil` when a set is not closed.
  package init?(_ text: some StringProtocol) {
    var rest = Substring(text).unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "*":
        if elements.last != .anyText { elements.append(.anyText) }
      case "?":
        elements.append(.anyOne)
      case "[":
        guard let set = Self.set(&rest) else { return nil }
        elements.append(set)
      case "\\":
        guard let next = rest.popFirst() else { return nil }
        elements.append(.one(next))
      default:
        elements.append(.one(scalar))
      }
    }
  }

  /// Whether `name` matches as a whole; at most its length times the pattern's length steps.
  package func matches(_ name: some StringProtocol) -> Bool {
    let scalars = Array(name.unicodeScalars)
    if scalars.first == ".", elements.first != .one(".") { return false }
    var (position, element) = (0, 0)
    // Where to go on when a match after the last `*` fails: the star takes one character more.
    var retry: (position: Int, element: Int)?
    while position < scalars.count {
      if element < elements.count, elements[element] == .anyText {
        retry = (position, element)
        element += 1
      } else if element < elements.count, Self.matches(elements[element], scalars[position]) {
        position += 1
        element += 1
      } else if let last = retry {
        retry = (last.position + 1, last.element)
        position = last.position + 1
        element = last.element + 1
      } else {
        return false
      }
    }
    return elements[element...].allSatisfy { $0 == .anyText }
  }

  private static func matches(_ element: Element, _ scalar: Unicode.Scalar) -> Bool {
    switch element {
    case .anyText: false
    case .anyOne: true
    case .one(let wanted): wanted == scalar
    case .set(let ranges, let isNegated):
      ranges.contains { $0.contains(scalar.value) } != isNegated
    }
  }

  /// The set whose `[` was read, up to its `]`; a `]` right after the start is a member.
  private static func set(_ rest: inout Substring.UnicodeScalarView) -> Element? {
    var ranges: [ClosedRange<UInt32>] = []
    let isNegated = rest.first == "^" || rest.first == "!"
    if isNegated { rest = rest.dropFirst() }
    var isFirst = true
    while let scalar = rest.popFirst() {
      if scalar == "]", !isFirst { return .set(ranges, isNegated: isNegated) }
      isFirst = false
      var upper = scalar
      let ahead = rest.prefix(2)
      if ahead.first == "-", let end = ahead.last, ahead.count == 2, end != "]" {
        upper = end
        rest = rest.dropFirst(2)
      }
      guard scalar <= upper else { return nil }
      ranges.append(scalar.value...upper.value)
    }
    return nil
  }
}
