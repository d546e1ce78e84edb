import Corefile
import PluginChain

extension Local {
  /// `local { localhost_prefix on|off }`.
  package static let definition = PluginDefinition("local", repetition: .last) {
    (directive, block, setup) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    var answersPrefix = true
    for option in directive.options ?? [] {
      guard option.name.text == "localhost_prefix" else {
        throw directive.unknownOption(option, known: ["localhost_prefix"])
      }
      answersPrefix = try option.onlyArgument().keyword(among: ["on", "off"]) == "on"
    }
    let workerCount = setup.workerCount
    let counters = setup.kept.value("local") { WorkerCounters(workerCount: workerCount) }
    setup.metrics.append(
      MetricFamily(
        .counter, "coredns_local_localhost_requests_total",
        "Queries for names below localhost., and for those that begin with it."
      ) { [.init([], Double(counters.total(0)))] })
    block.factories.append { [answersPrefix] in
      Local(answersPrefix: answersPrefix, counters: counters, next: $0)
    }
  }
}
