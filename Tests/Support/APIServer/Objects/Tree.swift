/// A value as JSON has them; members of objects keep their order.
package enum Tree: Hashable, Sendable {
  /// A name and its value.
  package struct Member: Hashable, Sendable {
    /// The name.
    package let name: String
    /// The value.
    package let value: Tree

    /// A member from its parts.
    package init(name: String, value: Tree) {
      self.name = name
      self.value = value
    }
  }

  /// `null`.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number.
  case integer(Int64)
  /// Text.
  case text(String)
  /// A list.
  case list([Tree])
  /// An object.
  case object([Member])

  /// An object of members in this order; those that are `nil` are left out.
  package static func members(_ members: [(String, Tree?)]) -> Tree {
    .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
  }

  /// An object of texts, by name; `nil` when there are none.
  package static func texts(_ texts: [String: String]) -> Tree? {
    guard !texts.isEmpty else { return nil }
    return .object(texts.keys.sorted().map { Member(name: $0, value: .text(texts[$0] ?? "")) })
  }

  /// The member of an object; `null` when there is none.
  package subscript(name: String) -> Tree {
    guard case .object(let members) = self else { return .null }
    return members.first { $0.name == name }?.value ?? .null
  }

  /// The text; empty for everything else.
  package var text: String {
    if case .text(let text) = self { text } else { "" }
  }

  /// The elements of a list; none for everything else.
  package var elements: [Tree] {
    if case .list(let elements) = self { elements } else { [] }
  }

  /// The members of an object; none for everything else.
  package var members: [Member] {
    if case .object(let members) = self { members } else { [] }
  }

  /// The object with a member put in place of the one of its name, or behind all.
  package func setting(_ name: String, to value: Tree) -> Tree {
    var members = members
    let member = Member(name: name, value: value)
    if let index = members.firstIndex(where: { $0.name == name }) {
      members[index] = member
    } else {
      members.append(member)
    }
    return .object(members)
  }
}

// MARK: - Literals

extension Tree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Text.
  package init(stringLiteral value: String) { self = .text(value) }

  /// A number.
  package init(integerLiteral value: Int64) { self = .integer(value) }

  /// A truth value.
  package init(booleanLiteral value: Bool) { self = .bool(value) }

  /// A list.
  package init(arrayLiteral elements: Tree...) { self = .list(elements) }

  /// An object.
  package init(dictionaryLiteral elements: (String, Tree)...) {
    self = .object(elements.map { Member(name: $0, value: $1) })
  }
}
