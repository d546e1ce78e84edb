import Corefile
import PluginChain

extension Cancel {
  private static let range = Duration.nanoseconds(1)...Duration.seconds(86_400)
  private static let defaultTimeout = Duration.milliseconds(5_001)

  /// `cancel [TIMEOUT]`, by default CoreDNS's 5.001 seconds.
  package static let definition = PluginDefinition("cancel", repetition: .last) {
    (directive, block, _) throws(Diagnostic) in
    try directive.requireArguments(0...1)
    try directive.requireNoOptions()
    let timeout = try directive.arguments.first?.duration(in: range) ?? defaultTimeout
    let parts = timeout.components
    let nanoseconds =
      UInt64(parts.seconds) * 1_000_000_000 + UInt64(parts.attoseconds / 1_000_000_000)
    block.factories.append { Cancel(nanoseconds: nanoseconds, next: $0) }
  }
}
