import Corefile
import PluginChain

extension Bind {
  /// `bind ADDRESS|INTERFACE... { except ADDRESS|INTERFACE... }`.
  package static let definition = PluginDefinition(repeatable: "bind") {
    (directives, block, _) throws(Diagnostic) in
    for directive in directives {
      try directive.requireArguments(1...)
      block.bindings += directive.arguments
      for option in directive.options ?? [] {
        guard option.name.text == "except" else {
          throw directive.unknownOption(option, known: ["except"])
        }
        try option.requireArguments(1...)
        try option.requireNoOptions()
        block.bindingExceptions += option.arguments
      }
    }
  }
}
