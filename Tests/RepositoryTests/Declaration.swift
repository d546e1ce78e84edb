/// Something that Swift code declares in a file or a type; never a local.
struct Declaration: Equatable, Sendable {
  /// `func`, `struct`, `case` ...
  let keyword: String
  /// Its name; the first of a list, the module of an import.
  let name: String
  /// Where its first attribute or modifier stands.
  let startLine: Int
  /// Where its keyword stands.
  let line: Int
  /// Its access word, or the one it has from its protocol, enum or extension; "" is none.
  let access: String
  /// Its modifiers and attributes.
  let modifiers: [String]
  /// Whether it stands in no type.
  let isTopLevel: Bool
  /// The line of the brace that ends its body; nil without one. Only of what is no type.
  var bodyEndLine: Int?

  /// Whether it is a type of its own.
  var isType: Bool { Self.scopeKeywords.contains(keyword) && keyword != "extension" }

  /// Keywords whose braces hold declarations.
  static let scopeKeywords: Set = ["struct", "enum", "class", "actor", "protocol", "extension"]
}
