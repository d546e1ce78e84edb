/// Reads the tokens of a template into its tree.
struct TemplateParser {
  /// What a list of nodes ended with.
  enum Ending {
    case end, otherwise, text
  }

  /// What is left to read.
  var tokens: TokenCursor
  /// Blocks and parentheses that are open.
  var depth = 0
  private var rangeDepth = 0
  /// Blocks in which the dot may be another one than at the start.
  var otherDotDepth = 0
  /// Variables that are known here, with their dollar signs.
  var variables = ["$"]
  private var calls: [(name: String, offset: Int)] = []
  /// What `define` and `block` made.
  private(set) var definitions: [String: [TemplateNode]] = [:]

  /// A parser of `text`.
  init(_ text: String) throws(TemplateProblem) {
    guard text.utf8.count <= TemplateLimits.textOctetCountMax else {
      throw TemplateProblem("it is longer than \(TemplateLimits.textOctetCountMax) octets")
    }
    tokens = TokenCursor(try TemplateLexer.tokens(of: text))
  }

  /// The whole template.
  mutating func parse() throws(TemplateProblem) -> [TemplateNode] {
    let (nodes, ending) = try list(isTop: true)
    guard ending == .text else { throw unexpected("{{end}}") }
    for call in calls where definitions[call.name] == nil {
      throw TemplateProblem("template \"\(call.name)\" not defined", at: call.offset)
    }
    return nodes
  }

  // MARK: - Nodes

  /// Nodes up to `end`, `else` or the end of the text; `else` is left with what follows it.
  private mutating func list(
    isTop: Bool = false
  ) throws(TemplateProblem) -> ([TemplateNode], Ending) {
    depth += 1
    defer { depth -= 1 }
    try checkDepth()
    var nodes: [TemplateNode] = []
    while true {
      let token = tokens.next()
      switch token.kind {
      case .text(let octets): nodes.append(.text(MarkedText(octets: octets)))
      case .open:
        guard case .word(let word) = tokens.peekWord else {
          nodes.append(.action(try pipeline(until: .close)))
          continue
        }
        switch word {
        case "end":
          tokens.skipWord()
          try expectClose()
          return (nodes, .end)
        case "else":
          tokens.skipWord()
          return (nodes, .otherwise)
        case "define":
          guard isTop else { throw unexpected("{{define}} in a block") }
          try define()
        default:
          if let node = try keyword(word) { nodes.append(node) }
        }
      default: return (nodes, .text)
      }
    }
  }

  /// The node of an action that starts with a word, a keyword perhaps.
  private mutating func keyword(_ word: String) throws(TemplateProblem) -> TemplateNode? {
    switch word {
    case "if", "with", "range":
      tokens.skipWord()
      return try control(word)
    case "break", "continue":
      tokens.skipWord()
      try expectClose()
      guard rangeDepth > 0 else { throw unexpected("{{\(word)}} outside {{range}}") }
      return word == "break" ? .leave : .skip
    case "template", "block":
      tokens.skipWord()
      return try call(isBlock: word == "block")
    default: return .action(try pipeline(until: .close))
    }
  }

  private mutating func control(_ word: String) throws(TemplateProblem) -> TemplateNode {
    let variableCount = variables.count
    defer { variables.removeLast(variables.count - variableCount) }
    let isRange = word == "range"
    let changesDot = word != "if"
    let pipeline = try self.pipeline(until: .close, isRange: isRange)
    if isRange { rangeDepth += 1 }
    if changesDot { otherDotDepth += 1 }
    let (body, ending) = try list()
    if isRange { rangeDepth -= 1 }
    if changesDot { otherDotDepth -= 1 }
    guard ending != .text else { throw unexpected("end of the text, expected {{end}}") }
    let otherwise = ending == .otherwise ? try alternative(to: word) : []
    if isRange { return .range(pipeline, body: body, otherwise: otherwise) }
    return .condition(pipeline, isWith: word == "with", then: body, otherwise: otherwise)
  }

  /// What stands behind `else`: a list up to `end`, or an `if` or `with` that shares the `end`.
  private mutating func alternative(to word: String) throws(TemplateProblem) -> [TemplateNode] {
    depth += 1
    defer { depth -= 1 }
    try checkDepth()
    if case .word(let next) = tokens.peekWord {
      guard next == word, word != "range" else { throw unexpected("\"\(next)\" after else") }
      tokens.skipWord()
      return [try control(next)]
    }
    try expectClose()
    let (nodes, ending) = try list()
    guard ending == .end else { throw unexpected("{{else}} or end of the text, expected {{end}}") }
    return nodes
  }

  private mutating func call(isBlock: Bool) throws(TemplateProblem) -> TemplateNode {
    let offset = tokens.offset
    let name = try string()
    if !isBlock { calls.append((name, offset)) }
    var argument: TemplatePipeline?
    if tokens.isAtClose, !isBlock {
      try expectClose()
    } else {
      argument = try pipeline(until: .close)
    }
    if isBlock { try body(of: name) }
    return .call(name, argument)
  }

  private mutating func define() throws(TemplateProblem) {
    tokens.skipWord()
    let name = try string()
    try expectClose()
    try body(of: name)
  }

  /// The nodes of a template with a name, up to its `end`; it sees no variables from outside.
  private mutating func body(of name: String) throws(TemplateProblem) {
    let outer = (variables, rangeDepth, otherDotDepth)
    // Whatever comes of it: those around it count their variables.
    defer { (variables, rangeDepth, otherDotDepth) = outer }
    (variables, rangeDepth, otherDotDepth) = (["$"], 0, otherDotDepth + 1)
    let (nodes, ending) = try list()
    guard ending == .end else { throw unexpected("end of a definition, expected {{end}}") }
    guard definitions[name] == nil else {
      throw TemplateProblem("template \"\(name)\" is defined twice")
    }
    definitions[name] = nodes
  }

  // MARK: - Checks

  /// Whether there is room for one more.
  func checkDepth() throws(TemplateProblem) {
    guard depth <= TemplateLimits.depthMax else {
      throw TemplateProblem("blocks and parentheses more than \(TemplateLimits.depthMax) deep")
    }
  }

  private mutating func string() throws(TemplateProblem) -> String {
    tokens.skipSpace()
    guard case .string(let octets) = tokens.next().kind else {
      throw unexpected("no name in quotes for a template")
    }
    tokens.skipSpace()
    return String(decoding: octets, as: UTF8.self)
  }

  private mutating func expectClose() throws(TemplateProblem) {
    tokens.skipSpace()
    guard tokens.next().kind == .close else {
      throw unexpected("more in an action that has no value")
    }
  }

  /// A problem with what is here.
  func unexpected(_ words: String) -> TemplateProblem {
    TemplateProblem("unexpected \(words)", at: tokens.offset)
  }
}
