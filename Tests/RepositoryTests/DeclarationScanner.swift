/// Finds declarations by keywords and brackets. Bodies of functions are not looked into.
struct DeclarationScanner {
  private struct Scope {
    let end: Int
    let keyword: String
    let access: String
  }

  private let tokens: [SwiftToken]
  /// The index of the closing bracket by that of the opening one.
  private let ends: [Int: Int]
  private var index = 0
  private var scopes: [Scope] = []
  private var found: [Declaration] = []
  /// Attributes and modifiers since the last other token.
  private var modifiers: [SwiftToken] = []
  private var access: String?
  /// The last declaration is a type whose brace has not come yet.
  private var awaitsScope = false

  /// All declarations, in order.
  static func declarations(of tokens: [SwiftToken]) -> [Declaration] {
    var scanner = DeclarationScanner(tokens)
    while scanner.index < tokens.count { scanner.step() }
    return scanner.found
  }

  private init(_ tokens: [SwiftToken]) {
    self.tokens = tokens
    var ends: [Int: Int] = [:]
    var open: [Int] = []
    for (index, token) in tokens.enumerated() {
      switch token.text {
      case "(", "[", "{": open.append(index)
      case ")", "]", "}": if let start = open.popLast() { ends[start] = index }
      default: break
      }
    }
    self.ends = ends
  }

  // MARK: - Steps

  private mutating func step() {
    let token = tokens[index]
    if let scope = scopes.last, index >= scope.end {
      scopes.removeLast()
      index = scope.end + 1
      clearModifiers()
    } else if token.text.hasPrefix("@") || isModifier(token) {
      takeModifier(token)
    } else if isKeyword(token) {
      declare(token)
      clearModifiers()
    } else {
      clearModifiers()
      switch token.text {
      case "{": openBrace()
      case "(", "[": skipGroup()
      default: index += 1
      }
    }
  }

  private mutating func clearModifiers() {
    modifiers = []
    access = nil
  }

  private func text(_ index: Int) -> String {
    tokens.indices.contains(index) ? tokens[index].text : ""
  }

  private mutating func skipGroup() { index = (ends[index] ?? tokens.count) + 1 }

  /// `private(set)` says nothing about reading: a word before a parenthesis is no access.
  private mutating func takeModifier(_ token: SwiftToken) {
    modifiers.append(token)
    index += 1
    if text(index) == "(" {
      skipGroup()
    } else if Self.accessWords.contains(token.text) {
      access = token.text
    }
  }

  private mutating func openBrace() {
    guard let end = ends[index] else {
      index = tokens.count
      return
    }
    if awaitsScope, let type = found.last {
      scopes.append(Scope(end: end, keyword: type.keyword, access: type.access))
      awaitsScope = false
      index += 1
    } else {
      if !found.isEmpty { found[found.count - 1].bodyEndLine = tokens[end].line }
      index = end + 1
    }
  }

  private mutating func declare(_ token: SwiftToken) {
    index += 1
    let name = takeName(of: token)
    let inherited = scopes.last.flatMap { scope in
      let inherits = ["protocol", "extension"].contains(scope.keyword) || token.text == "case"
      return inherits ? scope.access : nil
    }
    found.append(
      Declaration(
        keyword: token.text, name: name, startLine: modifiers.first?.line ?? token.line,
        line: token.line, access: access ?? inherited ?? "", modifiers: modifiers.map(\.text),
        isTopLevel: scopes.isEmpty))
    awaitsScope = Declaration.scopeKeywords.contains(token.text)
  }

  private mutating func takeName(of token: SwiftToken) -> String {
    if ["init", "deinit", "subscript"].contains(token.text) { return token.text }
    if token.text == "import" {
      // `import struct Module.Name` names a kind first.
      if Self.declarationKeywords.contains(text(index)) { index += 1 }
      let module = text(index)
      while index < tokens.count, tokens[index].line == token.line { index += 1 }
      return module
    }
    guard tokens.indices.contains(index), !tokens[index].isWord else {
      index += 1
      return text(index - 1)
    }
    // An operator; it may begin with `<`.
    var name = ""
    while index < tokens.count, !["(", "{"].contains(text(index)) {
      name += text(index)
      index += 1
    }
    return name
  }

  // MARK: - Words

  private func isModifier(_ token: SwiftToken) -> Bool {
    guard Self.modifierWords.contains(token.text), text(index - 1) != "." else { return false }
    return token.text != "class" || ["func", "var", "let"].contains(text(index + 1))
  }

  private func isKeyword(_ token: SwiftToken) -> Bool {
    if text(index - 1) == "." { return false }
    if token.text == "case" { return scopes.last?.keyword == "enum" }
    return Self.declarationKeywords.contains(token.text)
  }

  private static let declarationKeywords = Declaration.scopeKeywords.union([
    "func", "init", "deinit", "subscript", "var", "let", "typealias", "associatedtype", "case",
    "import",
  ])
  private static let accessWords: Set = [
    "open", "public", "package", "internal", "fileprivate", "private",
  ]
  private static let modifierWords: Set = accessWords.union([
    "static", "class", "final", "override", "mutating", "nonmutating", "consuming", "borrowing",
    "required", "convenience", "lazy", "weak", "unowned", "dynamic", "indirect", "nonisolated",
    "prefix", "postfix", "infix",
  ])
}
