import PluginChain

/// What `prometheus` shows of `hosts`.
enum HostsMetrics {
  private static let reloadName = "coredns_hosts_reload_timestamp_seconds"

  /// Adds the families of one directive. The time has no label: of several directives the file that
  /// was written last counts.
  static func add(_ source: HostsSource, to setup: inout ServerSetup) {
    setup.metrics.append(
      MetricFamily(
        .gauge, "coredns_hosts_entries", "The combined number of entries in hosts and Corefile."
      ) { [.init([("hostsfile", source.path)], Double(source.entryCount))] })
    let others = setup.metrics.first { $0.name == reloadName }
    setup.metrics.removeAll { $0.name == reloadName }
    setup.metrics.append(
      MetricFamily(.gauge, reloadName, "The timestamp of the last reload of hosts file.") {
        let times = (others?.read().map(\.value) ?? []) + [source.fileSeconds].compactMap { $0 }
        return times.max().map { [.init([], $0)] } ?? []
      })
  }
}
