import Corefile
import PluginChain

extension Local {
  /// `local { localhost_prefix on|off }`.
  package static let definition = PluginDefinition("local") {
    (directive, block, setup) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    var answersPrefix = true
    for option in directive.options ?? [] {
      guard option.name.text == "localhost_prefix" else {
        throw directive.unknownOption(option, known: ["localhost_prefix"])
      }
      answersPrefix = try option.onlyArgument().keyword(among: ["on", "off"]) == "on"
    }
    let counters = WorkerCounters(workerCount: setup.workerCount)
    setup.metrics.append(
      MetricFamily(
        .counter, "coredns_local_localhost_requests_total",
        "Queries for names that only begin with localhost."
      ) { [.init([], Double(counters.total(0)))] })
    block.factories.append { [answersPrefix] in
      Local(answersPrefix: answersPrefix, counters: counters, next: $0)
    }
  }
}
