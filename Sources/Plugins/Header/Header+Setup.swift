import Corefile
import PluginChain

extension HeaderFlags {
  /// `header { query|response set|clear FLAG... }`.
  package static let definition = PluginDefinition("header", repetition: .first) {
    (directive, block, _) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    var queryRules: [HeaderRule] = []
    var replyRules: [HeaderRule] = []
    for option in directive.options ?? [] {
      let known = ["query", "response"]
      guard known.contains(option.name.text) else {
        throw directive.unknownOption(option, known: known)
      }
      try option.requireArguments(2...)
      try option.requireNoOptions()
      guard let action = option.arguments.first else { continue }
      let isSet = try action.keyword(among: ["set", "clear"]) == "set"
      for word in option.arguments.dropFirst() {
        let text = try word.keyword(among: HeaderRule.Flag.allCases.map(\.rawValue))
        guard let flag = HeaderRule.Flag(rawValue: text) else { continue }
        let rule = HeaderRule(flag: flag, isSet: isSet)
        if option.name.text == "query" { queryRules.append(rule) } else { replyRules.append(rule) }
      }
    }
    guard !queryRules.isEmpty || !replyRules.isEmpty else {
      throw directive.error("found no rules, expected query or response with set or clear")
    }
    block.factories.append { [queryRules, replyRules] in
      HeaderFlags(queryRules: queryRules, replyRules: replyRules, next: $0)
    }
  }
}
