import Corefile
import DNSWire
import PluginChain

extension Log {
  /// `log [NAMES...] [FORMAT] { class CLASSES... }`, any number of times: the first rule whose
  /// names cover the question decides.
  package static let definition = PluginDefinition(repeatable: "log") {
    (directives, block, setup) throws(Diagnostic) in
    var rules: [Rule] = []
    for directive in directives { rules.append(try rule(directive)) }
    let log = setup.log
    block.factories.append { [rules] in Log(rules: rules, log: log, next: $0) }
  }

  private static func rule(_ directive: Directive) throws(Diagnostic) -> Rule {
    var names = directive.arguments
    var format = LogFormat.common
    if names.count > 1, let last = names.last, last.text.contains("{") {
      format = last.text
      names.removeLast()
      try checkPlaceholders(last)
    }
    var rule = Rule(names: try ZoneSet(parsing: names), format: LogFormat(format))
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

  /// A placeholder that does not exist is an error, metadata labels (`{/...}`) excepted.
  private static func checkPlaceholders(_ token: Token) throws(Diagnostic) {
    var rest = token.text[...]
    let known = LogFormat.placeholders + ["{common}", "{combined}"]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw token.error("found { without }, expected a placeholder such as {name}")
      }
      let name = String(rest[open...close])
      if !name.hasPrefix("{/"), !known.contains(name) {
        let hint = nearestWord(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        throw token.error("there is no placeholder \(name)\(hint)")
      }
      rest = rest[rest.index(after: close)...]
    }
  }
}
