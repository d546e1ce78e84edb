import Corefile
import PluginChain

extension Pprof {
  /// `pprof [ADDRESS] { block [RATE] }`; checked, and a warning.
  package static let definition = PluginDefinition("pprof") {
    (directive, _, setup) throws(Diagnostic) in
    try directive.requireArguments(0...1)
    if let token = directive.arguments.first, Ready.hostAndPort(token.text) == nil {
      throw token.error("found \(quotedForMessage(token.text)), expected ADDRESS:PORT or :PORT")
    }
    for option in directive.options ?? [] {
      guard option.name.text == "block" else {
        throw directive.unknownOption(option, known: ["block"])
      }
      try option.requireArguments(0...1)
      try option.requireNoOptions()
      _ = try option.arguments.first?.integer(in: 0...Int(Int32.max))
    }
    setup.diagnostics.append(
      Diagnostic(
        .warning, at: directive.position,
        "pprof has no effect: it shows profiles of Go programs; use perf(1) on the process, and "
          + "the metrics of prometheus"))
  }
}
