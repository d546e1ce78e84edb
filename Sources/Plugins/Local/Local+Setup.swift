import Corefile
import PluginChain

extension Local {
  /// `local { localhost_prefix on|off }`.
  package static let definition = PluginDefinition("local") {
    (directive, block, _) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    var answersPrefix = true
    for option in directive.options ?? [] {
      guard option.name.text == "localhost_prefix" else {
        throw directive.unknownOption(option, known: ["localhost_prefix"])
      }
      answersPrefix = try option.onlyArgument().keyword(among: ["on", "off"]) == "on"
    }
    block.factories.append { [answersPrefix] in Local(answersPrefix: answersPrefix, next: $0) }
  }
}
