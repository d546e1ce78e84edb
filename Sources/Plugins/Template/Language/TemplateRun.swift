/// One run of a template: bounded in its work, its depth and its output.
struct TemplateRun {
  /// Where to go on after a node.
  private enum Flow {
    case next, leave, skip
  }

  private let template: GoTemplate
  /// What the fields are read from.
  let data: TemplateData
  private var output = MarkedText()
  private var variables: [(name: String, value: TemplateValue)] = []
  private var work = 0
  private var depth = 0

  /// A run that has not begun.
  init(_ template: GoTemplate, _ data: TemplateData) {
    self.template = template
    self.data = data
  }

  /// The text.
  mutating func run() throws(TemplateFailure) -> MarkedText {
    variables = [("$", .data)]
    output.units.reserveCapacity(template.text.utf8.count)
    _ = try walk(template.nodes, .data)
    return output
  }

  /// Counts work that is to be done.
  mutating func spend(_ amount: Int) throws(TemplateFailure) {
    work &+= amount
    guard amount >= 0, work <= TemplateLimits.workMax else {
      throw TemplateFailure("the template takes too long")
    }
  }

  /// One level deeper.
  private mutating func descend() throws(TemplateFailure) {
    guard depth < TemplateLimits.runDepthMax else {
      throw TemplateFailure("exceeded maximum template depth")
    }
    depth += 1
  }

  // MARK: - Nodes

  private mutating func walk(
    _ nodes: [TemplateNode], _ dot: TemplateValue
  ) throws(TemplateFailure) -> Flow {
    try descend()
    defer { depth -= 1 }
    for node in nodes {
      try spend(1)
      switch node {
      case .text(let text): try write(text)
      case .action(let pipeline):
        let value = try evaluate(pipeline, dot)
        if pipeline.variables.isEmpty { try write(value) }
      case .condition(let pipeline, let isWith, let then, let otherwise):
        let count = variables.count
        let value = try evaluate(pipeline, dot)
        let flow =
          value.isTrue ? try walk(then, isWith ? value : dot) : try walk(otherwise, dot)
        variables.removeLast(variables.count - count)
        guard case .next = flow else { return flow }
      case .range(let pipeline, let body, let otherwise):
        let flow = try walkRange(pipeline, body, otherwise, dot)
        guard case .next = flow else { return flow }
      case .call(let name, let argument): try call(name, argument, dot)
      case .leave: return .leave
      case .skip: return .skip
      }
    }
    return .next
  }

  private mutating func walkRange(
    _ pipeline: TemplatePipeline, _ body: [TemplateNode], _ otherwise: [TemplateNode],
    _ dot: TemplateValue
  ) throws(TemplateFailure) -> Flow {
    let outerCount = variables.count
    defer { variables.removeLast(variables.count - outerCount) }
    // The variables are set for each element, not for the whole.
    let value = try evaluate(commands: pipeline.commands, dot)
    let isEmpty: Bool
    switch value {
    case .list(let values):
      isEmpty = values.isEmpty
      for (index, element) in values.enumerated() {
        if try !step(pipeline, body, .int(Int64(index)), element) { break }
      }
    case .map(let pairs):
      isEmpty = pairs.isEmpty
      for pair in pairs { if try !step(pipeline, body, .text(pair.key), pair.value) { break } }
    case .int, .uint:
      guard pipeline.variables.count < 2 else {
        throw TemplateFailure("can't iterate over a number with more than one variable")
      }
      let count = value.integer ?? .max
      isEmpty = count <= 0
      var index = 0
      while index < count {
        if try !step(pipeline, body, nil, .int(Int64(index))) { break }
        index += 1
      }
    case .none: isEmpty = true
    default: throw TemplateFailure("range can't iterate over a value of type \(value.typeName)")
    }
    return isEmpty ? try walk(otherwise, dot) : .next
  }

  /// Walks the body for one element; whether to go on with the next.
  private mutating func step(
    _ pipeline: TemplatePipeline, _ body: [TemplateNode], _ key: TemplateValue?,
    _ element: TemplateValue
  ) throws(TemplateFailure) -> Bool {
    try spend(1)
    let count = variables.count
    defer { variables.removeLast(variables.count - count) }
    let names = pipeline.variables
    if let last = names.last { set(last, element, declares: pipeline.declares) }
    if names.count == 2, let key { set(names[0], key, declares: pipeline.declares) }
    if case .leave = try walk(body, element) { return false }
    return true
  }

  private mutating func call(
    _ name: String, _ argument: TemplatePipeline?, _ dot: TemplateValue
  ) throws(TemplateFailure) {
    guard let nodes = template.definitions[name] else {
      throw TemplateFailure("template \"\(name)\" not defined")
    }
    let value: TemplateValue = if let argument { try evaluate(argument, dot) } else { .none }
    let outer = variables
    // Whatever comes of it: those who called count their variables.
    defer { variables = outer }
    variables = [("$", value)]
    _ = try walk(nodes, value)
  }

  // MARK: - Output

  private mutating func write(_ value: TemplateValue) throws(TemplateFailure) {
    if case .none = value { return try write(MarkedText("<no value>")) }
    guard let text = value.printed else {
      throw TemplateFailure("can't print a value of type \(value.typeName)")
    }
    try write(text)
  }

  private mutating func write(_ text: MarkedText) throws(TemplateFailure) {
    try spend(text.units.count)
    guard output.units.count + text.units.count <= TemplateLimits.outputOctetCountMax else {
      throw TemplateFailure("the text is longer than \(TemplateLimits.outputOctetCountMax) octets")
    }
    output.units += text.units
  }

  // MARK: - Values

  /// The value of a pipeline; sets its variable.
  mutating func evaluate(
    _ pipeline: TemplatePipeline, _ dot: TemplateValue
  ) throws(TemplateFailure) -> TemplateValue {
    let value = try evaluate(commands: pipeline.commands, dot)
    if let name = pipeline.variables.first { set(name, value, declares: pipeline.declares) }
    return value
  }

  private mutating func evaluate(
    commands: [[TemplateOperand]], _ dot: TemplateValue
  ) throws(TemplateFailure) -> TemplateValue {
    try descend()
    defer { depth -= 1 }
    var value: TemplateValue?
    for command in commands { value = try evaluate(command, dot, final: value) }
    return value ?? .none
  }

  private mutating func set(_ name: String, _ value: TemplateValue, declares: Bool) {
    if !declares, let place = variables.lastIndex(where: { $0.name == name }) {
      variables[place].value = value
    } else {
      variables.append((name, value))
    }
  }

  /// One command; `final` is what the pipeline puts behind its arguments.
  private mutating func evaluate(
    _ command: [TemplateOperand], _ dot: TemplateValue, final: TemplateValue?
  ) throws(TemplateFailure) -> TemplateValue {
    try spend(1)
    guard let first = command.first else { return .none }
    if command.count == 1, final == nil, case .field(let names) = first, names != ["Meta"] {
      return try fields(names, of: dot)
    }
    let arguments = Array(command.dropFirst())
    if case .function(let function) = first {
      return try call(function, arguments, dot, final)
    }
    if let value = try meta(first, arguments, dot, final) { return value }
    guard arguments.isEmpty, final == nil else {
      throw TemplateFailure("can't give argument to non-function")
    }
    if case .null = first { throw TemplateFailure("nil is not a command") }
    return try evaluate(first, dot)
  }

  /// `.Meta NAME`, which is empty: no plugin collects metadata.
  private mutating func meta(
    _ operand: TemplateOperand, _ arguments: [TemplateOperand], _ dot: TemplateValue,
    _ final: TemplateValue?
  ) throws(TemplateFailure) -> TemplateValue? {
    let receiver: TemplateValue
    switch operand {
    case .field(["Meta"]): receiver = dot
    case .variable(let name, fields: ["Meta"]): receiver = value(of: name)
    default: return nil
    }
    guard case .data = receiver else { return nil }
    var values: [TemplateValue] = []
    for argument in arguments { values.append(try evaluate(argument, dot)) }
    if let final { values.append(final) }
    guard values.count == 1, case .text = values[0] else {
      throw TemplateFailure("wrong arguments for Meta: want a name")
    }
    return .text(MarkedText())
  }

  /// An operand as a value.
  mutating func evaluate(
    _ operand: TemplateOperand, _ dot: TemplateValue
  ) throws(TemplateFailure) -> TemplateValue {
    try spend(1)
    switch operand {
    case .dot: return dot
    case .null: return .none
    case .bool(let value): return .bool(value)
    case .number(let number): return TemplateValue(number)
    case .text(let text): return .text(text)
    case .field(let names): return try fields(names, of: dot)
    case .variable(let name, let names): return try fields(names, of: value(of: name))
    case .function(let function): return try call(function, [], dot, nil)
    case .group(let pipeline): return try evaluate(pipeline, dot)
    case .member(let base, let names): return try fields(names, of: try evaluate(base, dot))
    }
  }

  private func value(of name: String) -> TemplateValue {
    variables.last { $0.name == name }?.value ?? .none
  }

  private func fields(
    _ names: [String], of value: TemplateValue
  ) throws(TemplateFailure) -> TemplateValue {
    // The most frequent way needs no map.
    if names.count == 2, names[0] == "Group", case .data = value {
      return data.group(names[1]).map { .text($0) } ?? .none
    }
    var value = value
    for name in names { value = try field(name, of: value) }
    return value
  }

  private func field(
    _ name: String, of value: TemplateValue
  ) throws(TemplateFailure) -> TemplateValue {
    let field: TemplateValue?
    switch value {
    case .none: return .none
    case .data: field = data.field(name)
    case .message: field = data.messageField(name)
    case .question: field = data.questionField(name)
    case .map(let pairs):
      return pairs.first { $0.key == MarkedText(name) }?.value ?? .none
    default: field = nil
    }
    guard let field else {
      throw TemplateFailure("can't evaluate field \(name) in type \(value.typeName)")
    }
    return field
  }
}
