/// A template in the language of Go's text/template, read once and run for each query.
///
/// Not there: `call` and complex numbers, which queries have no use for. Reading and running are
/// bounded (`TemplateLimits`).
package struct GoTemplate: Sendable {
  /// The text it was read from.
  package let text: String
  let nodes: [TemplateNode]
  let definitions: [String: [TemplateNode]]

  /// Reads a template.
  package init(_ text: String) throws(TemplateProblem) {
    var parser = try TemplateParser(text)
    nodes = try parser.parse()
    definitions = parser.definitions
    self.text = text
  }

  /// The text when no action is in it, so that it is the same for every query.
  var constant: MarkedText? {
    var result = MarkedText()
    for node in nodes {
      guard case .text(let text) = node else { return nil }
      result.units += text.units
    }
    return result
  }

  /// The text behind `{{ .Name }}` when nothing else is in it.
  var constantBehindName: MarkedText? {
    guard nodes.count == 2, case .action(let action) = nodes[0], case .text(let text) = nodes[1],
      action.variables.isEmpty, action.commands.count == 1, action.commands[0].count == 1,
      case .field(["Name"]) = action.commands[0][0]
    else { return nil }
    return text
  }

  /// The text for a query.
  package func expand(_ data: TemplateData) throws(TemplateFailure) -> MarkedText {
    var run = TemplateRun(self, data)
    return try run.run()
  }
}
