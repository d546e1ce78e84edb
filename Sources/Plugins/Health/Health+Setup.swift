import Corefile
import PluginChain

extension Health {
  /// The longest time that the server may go on for once it was told to end.
  private static let lameduckMax = Duration.seconds(86_400)

  /// `health [ADDRESS] { lameduck DURATION }`, by default `:8080`. Server blocks with the same
  /// address share one endpoint; of several durations the longest counts.
  package static let definition = PluginDefinition("health", repetition: .last) {
    (directive, _, setup) throws(Diagnostic) in
    try directive.requireArguments(0...1)
    for option in directive.options ?? [] {
      guard option.name.text == "lameduck" else {
        throw directive.unknownOption(option, known: ["lameduck"])
      }
      let duration = try option.onlyArgument().duration(in: .zero...lameduckMax)
      try option.requireNoOptions()
      setup.lameduck = max(setup.lameduck, duration)
    }
    let address = directive.arguments.first?.text ?? ":8080"
    guard let (host, port) = Ready.hostAndPort(address) else {
      let place = directive.arguments.first ?? directive.name
      throw place.error("found \(quotedForMessage(address)), expected ADDRESS:PORT or :PORT")
    }
    guard setup.healthAddresses.insert(address).inserted else { return }
    let counters = setup.kept.value("health \(address)") { HealthCounters() }
    setup.metrics += counters.families
    let health = Health(counters: counters, log: setup.log)
    setup.addEndpoint(
      "/health", of: "health", host: host, port: port,
      beside: { await health.watch(host: host, port: port) }, page: { (true, "OK") })
  }
}
