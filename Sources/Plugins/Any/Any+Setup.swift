import Corefile
import PluginChain

extension AnyAnswer {
  /// `any`.
  package static let definition = PluginDefinition("any") {
    (directive, block, _) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    try directive.requireNoOptions()
    block.factories.append { AnyAnswer(next: $0) }
  }
}
