import Corefile
import PluginChain

extension Reload {
  /// CoreDNS's numbers.
  private static let intervalMin = Duration.seconds(2)
  private static let intervalDefault = Duration.seconds(30)
  private static let jitterMin = Duration.seconds(1)
  private static let jitterDefault = Duration.seconds(15)
  private static let durationMax = Duration.seconds(86_400)

  /// `reload [INTERVAL] [JITTER]`, by default `30s 15s`; a jitter of `0s` is none. It is the whole
  /// server's: the first block that has it counts.
  package static let definition = PluginDefinition("reload") {
    (directive, _, setup) throws(Diagnostic) in
    try directive.requireArguments(0...2)
    try directive.requireNoOptions()
    var (interval, jitter) = (intervalDefault, jitterDefault)
    if let token = directive.arguments.first {
      interval = try token.duration(in: intervalMin...durationMax)
    }
    if let token = directive.arguments.dropFirst().first {
      jitter = try token.duration(in: .zero...durationMax)
      guard jitter == .zero || jitter >= jitterMin else {
        throw token.error("found \(quotedForMessage(token.text)), expected 0s, or 1s or more")
      }
    }
    guard setup.reload == nil else { return }
    setup.reload = ReloadPolicy(interval: interval, jitter: min(jitter, interval / 2))
  }
}
