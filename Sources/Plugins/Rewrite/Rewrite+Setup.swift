import Corefile
import PluginChain

extension Rewrite {
  /// `rewrite [continue|stop] FIELD ...`, on one line or in a block; any number of times.
  package static let definition = PluginDefinition(repeatable: "rewrite") {
    (directives, block, setup) throws(Diagnostic) in
    var rules: [RewriteRule] = []
    for directive in directives {
      var reader = try RewriteReader(directive)
      rules.append(try reader.rule())
      setup.diagnostics += reader.warnings
    }
    block.factories.append { [rules] in Rewrite(rules: rules, next: $0) }
  }

  /// Whether a directive is a rule for other questions, not for what answers say alone.
  static func changesQuestions(_ directive: Directive) -> Bool {
    guard directive.name.text == "rewrite" else { return false }
    let words =
      directive.arguments.prefix(2).map(\.text) + (directive.options ?? []).map(\.name.text)
    return !Set(words).isDisjoint(with: ["name", "type", "class", "cname"])
  }
}
