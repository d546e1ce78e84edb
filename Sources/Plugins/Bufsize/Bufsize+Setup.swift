import Corefile
import PluginChain

extension Bufsize {
  /// `bufsize [512-4096]`; without a number 1232.
  package static let definition = PluginDefinition("bufsize") {
    (directive, block, _) throws(Diagnostic) in
    try directive.requireArguments(0...1)
    try directive.requireNoOptions()
    let size = try directive.arguments.first?.integer(in: 512...4096) ?? 1232
    block.factories.append { Bufsize(size: UInt16(truncatingIfNeeded: size), next: $0) }
  }
}
