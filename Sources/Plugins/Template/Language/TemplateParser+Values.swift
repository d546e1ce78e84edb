extension TemplateParser {
  /// A pipeline up to `close`, which is taken too.
  mutating func pipeline(
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

  /// A field that a query does not have: Go would fail for each query.
  private func checkRootField(_ name: String) throws(TemplateProblem) {
    let known = TemplateData.fieldNames
    guard known.contains(name) else {
      let words = "there is no field .\(name), expected one of \(known.joined(separator: " "))"
      throw TemplateProblem(words, at: tokens.offset)
    }
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
