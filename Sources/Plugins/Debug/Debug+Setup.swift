import Corefile
import PluginChain

extension Debug {
  /// `debug`.
  package static let definition = PluginDefinition("debug") {
    (directive, _, setup) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    try directive.requireNoOptions()
    setup.writesDebug = true
  }
}
