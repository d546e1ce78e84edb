/// A place in the tokens of a template.
struct TokenCursor {
  private let tokens: [TemplateToken]
  private var index = 0

  /// The first of some tokens, the last of which is `.end`.
  init(_ tokens: [TemplateToken]) { self.tokens = tokens }

  /// The token here; it stays `.end` at the end.
  var peek: TemplateToken { token(at: index) }

  /// Where the token here begins, in octets.
  var offset: Int { peek.offset }

  /// The token here; goes behind it.
  mutating func next() -> TemplateToken {
    defer { index += 1 }
    return peek
  }

  /// Goes behind white space.
  mutating func skipSpace() {
    while peek.kind == .space { index += 1 }
  }

  /// The token behind white space, which stays.
  var peekWord: TemplateToken.Kind {
    peek.kind == .space ? token(at: index + 1).kind : peek.kind
  }

  /// Goes behind that.
  mutating func skipWord() {
    skipSpace()
    index += 1
  }

  /// Whether the action ends here, white space aside.
  var isAtClose: Bool { peekWord == .close }

  /// Takes `$x :=`, `$x =`, `$i, $x :=` or `$i, $x =`, if they are here.
  mutating func takeDeclarations() -> (names: [String], declares: Bool)? {
    var copy = self
    var names: [String] = []
    while true {
      copy.skipSpace()
      guard case .variable(let name) = copy.next().kind else { return nil }
      names.append(name)
      copy.skipSpace()
      switch copy.next().kind {
      case .comma where names.count == 1: continue
      case .declare:
        self = copy
        return (names, true)
      case .assign:
        self = copy
        return (names, false)
      default: return nil
      }
    }
  }

  private func token(at index: Int) -> TemplateToken {
    tokens.indices.contains(index) ? tokens[index] : TemplateToken(kind: .end, offset: lastOffset)
  }

  private var lastOffset: Int { tokens.last?.offset ?? 0 }
}

extension TemplateToken.Kind {
  /// For messages.
  var words: String {
    switch self {
    case .text: "text"
    case .open: "\"{{\""
    case .close: "\"}}\""
    case .word(let name): "\"\(name)\""
    case .field(let name): "\".\(name)\""
    case .variable(let name): "\"\(name)\""
    case .dot: "\".\""
    case .number: "number"
    case .string: "string"
    case .pipe: "\"|\""
    case .assign: "\"=\""
    case .declare: "\":=\""
    case .comma: "\",\""
    case .openGroup: "\"(\""
    case .closeGroup: "\")\""
    case .space: "blank"
    case .end: "end of the text"
    }
  }
}
