import Corefile
import PluginChain

extension Errors {
  /// `errors [stdout]`.
  package static let definition = PluginDefinition("errors") {
    (directive, block, setup) throws(Diagnostic) in
    try directive.requireArguments(0...1)
    _ = try directive.arguments.first?.keyword(among: ["stdout"])
    for option in directive.options ?? [] {
      if ["stacktrace", "consolidate"].contains(option.name.text) {
        throw option.error("the option \(option.name.text) of errors is not built yet")
      }
      throw directive.unknownOption(option, known: ["stacktrace", "consolidate"])
    }
    let log = setup.log
    block.factories.append { Errors(log: log, next: $0) }
  }
}
