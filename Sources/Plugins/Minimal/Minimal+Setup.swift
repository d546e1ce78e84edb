import Corefile
import PluginChain

extension Minimal {
  /// `minimal`.
  package static let definition = PluginDefinition("minimal") {
    (directive, block, _) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    try directive.requireNoOptions()
    block.factories.append { Minimal(next: $0) }
  }
}
