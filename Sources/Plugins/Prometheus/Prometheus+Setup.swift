import Corefile
import DNSWire
import PluginChain

extension Prometheus {
  /// `prometheus [ADDRESS] { runtime_metrics; tls FILE }`, by default `localhost:9153`. The
  /// endpoint itself is made when all server blocks are set up, one an address: see
  /// `addEndpoints(_:version:)`.
  package static let definition = PluginDefinition("prometheus") {
    (directive, block, setup) throws(Diagnostic) in
    try directive.requireArguments(0...1)
    let address = directive.arguments.first?.text ?? "localhost:9153"
    if let token = directive.arguments.first, Ready.hostAndPort(address) == nil {
      throw token.error("found \(quotedForMessage(address)), expected ADDRESS:PORT or :PORT")
    }
    for option in directive.options ?? [] {
      switch option.name.text {
      case "runtime_metrics":
        try option.requireArguments(0...0)
        setup.prometheus.showsRuntimeMetrics = true
      case "tls":
        let file = block.root.file(try option.onlyArgument().text)
        if let other = setup.prometheus.tlsFiles.updateValue(file, forKey: address),
          other != file
        {
          throw option.error("\(address) has another file for tls already: \(other)")
        }
      default: throw directive.unknownOption(option, known: ["runtime_metrics", "tls"])
      }
      try option.requireNoOptions()
    }
    setup.prometheus.addresses.insert(address)
    let zones = block.zones.reduce(into: [DomainName]()) { zones, zone in
      if !zones.contains(zone) { zones.append(zone) }
    }
    let workerCount = setup.workerCount
    let counters = setup.kept.value("prometheus \(block.serverLabel) \(zones)") {
      QueryCounters(zones: zones, workerCount: workerCount)
    }
    setup.metrics += QueryMetrics(counters, server: block.serverLabel).families
    setup.metrics.append(enabledPlugins(block))
    block.factories.append { Prometheus(counters, zones: zones, next: $0) }
    block.unroutedFactories.append(unroutedCounting(block.serverLabel, &setup))
  }

  /// One count for all blocks with the same label `server`.
  private static func unroutedCounting(
    _ server: String, _ setup: inout ServerSetup
  ) -> @Sendable (Handler?) -> Handler {
    if let made = setup.prometheus.unroutedCounting[server] { return made }
    let workerCount = setup.workerCount
    let counters = setup.kept.value("prometheus dropped \(server)") {
      QueryCounters(zones: [.root], workerCount: workerCount)
    }
    setup.metrics += QueryMetrics(counters, server: server, zoneLabel: droppedLabel).families
    let make: @Sendable (Handler?) -> Handler = { Prometheus(counters, zones: [.root], next: $0) }
    setup.prometheus.unroutedCounting[server] = make
    return make
  }

  /// What stands for the zone of queries that no server block is for; CoreDNS's word.
  private static let droppedLabel = "dropped"

  /// Which plugins the block names.
  private static func enabledPlugins(_ block: BlockSetup) -> MetricFamily {
    let named = Set(
      block.block.directives.map { deprecatedPluginNames[$0.name.text] ?? $0.name.text })
    let server = block.serverLabel
    let zones = block.zones.map(\.description)
    return MetricFamily(
      .gauge, "coredns_plugin_enabled", "1 for every plugin that a server block has."
    ) {
      let plugins = pluginOrder.compactMap { entry in
        if case .built = entry, named.contains(entry.name) { entry.name } else { nil }
      }
      return zones.flatMap { zone in
        plugins.map {
          .init([("server", server), ("zone", zone), ("view", ""), ("name", $0)], 1)
        }
      }
    }
  }

  // MARK: - The endpoints

  /// Adds the endpoints of a finished set-up; each shows everything.
  package static func addEndpoints(_ setup: inout ServerSetup, version: String) {
    var places: [String: (host: String, port: Int)] = [:]
    var files: [String: String] = [:]
    for address in setup.prometheus.addresses.sorted() {
      guard var place = Ready.hostAndPort(address) else { continue }
      // As Go does it, whatever the machine says of the name.
      if place.host == "localhost" { place.host = "127.0.0.1" }
      places["\(place.host) \(place.port)"] = place
      files["\(place.host) \(place.port)"] = setup.prometheus.tlsFiles[address]
    }
    let process = setup.kept.value("prometheus process") { ProcessMetrics() }
    let families =
      setup.metrics + setup.reloadState.families + buildFamilies(version: version)
      + process.families
      + (setup.prometheus.showsRuntimeMetrics ? process.runtimeFamilies : [])
    for (key, place) in places.sorted(by: { $0.key < $1.key }) {
      setup.addEndpoint(
        "/metrics", of: "prometheus", host: place.host, port: place.port,
        contentType: MetricsText.contentType, webConfiguration: files[key]
      ) { (true, MetricsText.page(families)) }
    }
  }

  /// What is true of the whole server.
  private static func buildFamilies(version: String) -> [MetricFamily] {
    [
      MetricFamily(.gauge, "coredns_build_info", "1; the labels say which server this is.") {
        [.init([("version", version), ("revision", ""), ("goversion", "")], 1)]
      },
      MetricFamily(.gauge, "swiftlet_build_info", "1; the label says which version this is.") {
        [.init([("version", version)], 1)]
      },
      MetricFamily(.counter, "coredns_panics_total", "Always 0: the server has no panics.") {
        [.init([], 0)]
      },
      MetricFamily(.gauge, "go_info", "1; named as CoreDNS's, the label says it is Swift.") {
        [.init([("version", "swift")], 1)]
      },
    ]
  }
}
