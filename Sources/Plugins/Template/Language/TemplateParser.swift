/// Reads the tokens of a template into its tree.
struct TemplateParser {
  /// What a list of nodes ended with.
  enum Ending {
    case end, otherwise, text
  }

  private var tokens: TokenCursor
  private var depth = 0
  private var rangeDepth = 0
  /// Blocks in which the dot may be another one than at the start.
  private var otherDotDepth = 0
  private var variables = ["$"]
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
    let outer = (variables, rangeDepth)
    (variables, rangeDepth) = (["$"], 0)
    otherDotDepth += 1
    let (nodes, ending) = try list()
    otherDotDepth -= 1
    (variables, rangeDepth) = outer
    guard ending == .end else { throw unexpected("end of a definition, expected {{end}}") }
    guard definitions[name] == nil else {
      throw TemplateProblem("template \"\(name)\" is defined twice")
    }
    definitions[name] = nodes
  }

  // MARK: - Values

  private mutating func pipeline(
    until close: TemplateToken.Kind, isRange: Bool = false
  ) throws(TemplateProblem) -> TemplatePipeline {
    depth += 1
    defer { depth -= 1 }
    try checkDepth()
    var pipeline = TemplatePipeline()
    try declarations(of: &pipeline, isRange: isRange)
    while true {
      let offset = tokens.offset
      let command = try self.command(until: close)
      if let first = command.first, !pipeline.commands.isEmpty, !first.isCallable {
        throw TemplateProblem("a value that is no function after '|'", at: offset)
      }
      pipeline.commands.append(command)
      if tokens.next().kind != .pipe { break }
    }
    return pipeline
  }

  /// `$x :=`, `$x =` or, for `range`, `$i, $x :=` at the start of a pipeline.
  private mutating func declarations(
    of pipeline: inout TemplatePipeline, isRange: Bool
  ) throws(TemplateProblem) {
    guard let (names, declares) = tokens.takeDeclarations() else { return }
    guard names.count == 1 || isRange else { throw unexpected("',' between variables") }
    if declares {
      variables += names
    } else if let unknown = names.first(where: { !variables.contains($0) }) {
      throw unexpected("undefined variable \"\(unknown)\"")
    }
    pipeline.variables = names
    pipeline.declares = declares
  }

  /// Operands up to `|` or the end of the pipeline, which are left; one at least.
  private mutating func command(
    until close: TemplateToken.Kind
  ) throws(TemplateProblem) -> [TemplateOperand] {
    var operands: [TemplateOperand] = []
    tokens.skipSpace()
    while true {
      let next = tokens.peek.kind
      if next == close { break }
      if next == .pipe {
        // It belongs to this command: the caller takes it.
        break
      }
      operands.append(try operand())
      guard operands.count <= TemplateLimits.argumentCountMax else {
        throw unexpected("more than \(TemplateLimits.argumentCountMax) arguments")
      }
      let after = tokens.peek.kind
      guard after == .space || after == .pipe || after == close else {
        throw unexpected("\(tokens.peek.kind.words) in operand")
      }
      tokens.skipSpace()
    }
    guard !operands.isEmpty else { throw unexpected("no value in an action") }
    return operands
  }

  private mutating func operand() throws(TemplateProblem) -> TemplateOperand {
    let base = try term()
    var fields: [String] = []
    while case .field(let name) = tokens.peek.kind {
      fields.append(name)
      _ = tokens.next()
    }
    switch base {
    case .field(let first):
      if otherDotDepth == 0 { try checkRootField(first.first ?? "") }
      return .field(first + fields)
    case .variable(let name, _):
      if name == "$", otherDotDepth == 0, let first = fields.first { try checkRootField(first) }
      return .variable(name, fields: fields)
    case _ where fields.isEmpty: return base
    case .group: return .member(base, fields: fields)
    default: throw unexpected("\".\(fields[0])\" after a value without fields")
    }
  }

  private mutating func term() throws(TemplateProblem) -> TemplateOperand {
    let token = tokens.next()
    switch token.kind {
    case .dot: return .dot
    case .number(let value): return .number(value)
    case .string(let octets): return .text(MarkedText(octets: octets))
    case .field(let name): return .field([name])
    case .variable(let name):
      guard variables.contains(name) else {
        throw TemplateProblem("undefined variable \"\(name)\"", at: token.offset)
      }
      return .variable(name, fields: [])
    case .word("nil"): return .null
    case .word("true"): return .bool(true)
    case .word("false"): return .bool(false)
    case .word(let name):
      guard let function = TemplateFunction(rawValue: name) else {
        let reason = name == "call" ? "there are no functions to call" : "not defined"
        throw TemplateProblem("function \"\(name)\": \(reason)", at: token.offset)
      }
      return .function(function)
    case .openGroup:
      return .group(try pipeline(until: .closeGroup))
    default: throw TemplateProblem("unexpected \(token.kind.words)", at: token.offset)
    }
  }

  // MARK: - Checks

  /// A field that a query does not have: Go would fail for each query.
  private func checkRootField(_ name: String) throws(TemplateProblem) {
    guard TemplateData.fieldNames.contains(name) else {
      throw TemplateProblem(
        "there is no field .\(name), expected one of \(TemplateData.fieldNames.joined(separator: " "))",
        at: tokens.offset)
    }
  }

  private func checkDepth() throws(TemplateProblem) {
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

  private func unexpected(_ words: String) -> TemplateProblem {
    TemplateProblem("unexpected \(words)", at: tokens.offset)
  }
}

extension TemplateOperand {
  /// Whether a value can go into it as an argument.
  fileprivate var isCallable: Bool {
    switch self {
    case .dot, .null, .bool, .number, .text: false
    default: true
    }
  }
}
