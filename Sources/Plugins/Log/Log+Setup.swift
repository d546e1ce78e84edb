import Corefile
import DNSWire
import PluginChain

extension Log {
  /// `log [NAMES...] [FORMAT] { class CLASSES... }`, any number of times: the first rule whose
  /// names cover the question decides.
  package static let definition = PluginDefinition(repeatable: "log") {
    (directives, block, setup) throws(Diagnostic) in
    var rules: [Rule] = []
    for directive in directives { rules.append(try rule(directive, &setup)) }
    let log = setup.log
    block.factories.append { [rules] in Log(rules: rules, log: log, next: $0) }
  }

  private static func rule(
    _ directive: Directive, _ setup: inout ServerSetup
  ) throws(Diagnostic) -> Rule {
    var names = directive.arguments
    var format = LogFormat(LogFormat.common)
    if names.count > 1, let last = names.last, last.text.contains("{") {
      format = LogFormat(last.text)
      names.removeLast()
      setup.diagnostics += unknownWords(of: format, last)
    }
    var rule = Rule(names: try ZoneSet(parsing: names), format: format)
    var classes = Set<Class>()
    for option in directive.options ?? [] {
      guard option.name.text == "class" else {
        throw directive.unknownOption(option, known: ["class"])
      }
      try option.requireArguments(1...)
      for word in option.arguments {
        let name = try word.keyword(among: Class.allCases.map(\.rawValue))
        if let one = Class(rawValue: name) { classes.insert(one) }
      }
    }
    if !classes.isEmpty { rule.classes = classes }
    return rule
  }

  /// What stands in braces and is no placeholder is logged as it is; it may be a slip.
  private static func unknownWords(of format: LogFormat, _ token: Token) -> [Diagnostic] {
    format.unknownWords.map { word in
      let known = LogFormat.placeholders + ["{common}", "{combined}"]
      let hint = nearestWord(to: word, among: known).map { "; did you mean \($0)?" } ?? ""
      return Diagnostic(
        .warning, at: token.position,
        "there is no placeholder \(quotedForMessage(word)): it is logged as it is\(hint)")
    }
  }
}
