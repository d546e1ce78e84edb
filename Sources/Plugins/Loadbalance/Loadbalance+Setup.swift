import Corefile
import PluginChain

extension Loadbalance {
  /// `loadbalance [round_robin]`.
  package static let definition = PluginDefinition("loadbalance") {
    (directive, block, _) throws(Diagnostic) in
    if let policy = directive.arguments.first {
      if policy.text == "weighted" { throw policy.error("the policy weighted is not built yet") }
      _ = try policy.keyword(among: ["round_robin"])
    }
    try directive.requireArguments(0...1)
    for option in directive.options ?? [] {
      if ["reload", "prefer"].contains(option.name.text) {
        throw option.error("the option \(option.name.text) of loadbalance is not built yet")
      }
      throw directive.unknownOption(option, known: [])
    }
    block.factories.append { Loadbalance(next: $0) }
  }
}
