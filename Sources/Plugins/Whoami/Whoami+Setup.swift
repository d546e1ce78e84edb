import Corefile
import PluginChain

extension Whoami {
  /// `whoami`.
  package static let definition = PluginDefinition("whoami") {
    (directive, block, _) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    try directive.requireNoOptions()
    block.factories.append { Whoami(next: $0) }
  }
}
