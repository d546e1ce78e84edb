import Corefile
import DNSWire
import Files
import PluginChain
import Sockets
import Synchronization

extension Hosts {
  /// `hosts [FILE [ZONES...]] { ... }`; docs/plugins/hosts.md lists the options.
  package static let definition = PluginDefinition("hosts") {
    (directive, block, setup) throws(Diagnostic) in
    let configuration = try HostsConfiguration(directive, block)
    setup.diagnostics += configuration.warnings
    let (log, workerCount) = (setup.log, setup.workerCount)
    func service() -> HostsService {
      HostsService(configuration, log: log, workerCount: workerCount)
    }
    // A file that nobody follows is read again with each reload of the Corefile.
    let (key, hosts): (String?, HostsService)
    if configuration.interval == .zero {
      (key, hosts) = (nil, service())
    } else {
      let words = block.key(directive, configuration.zones.map(\.description))
      (key, hosts) = setup.kept.named(words, service)
    }
    setup.addResidents(hosts.residents)
    block.factories.append { next in
      Hosts(configuration, residents: hosts.residents, next: next)
    }
    setup.parts.append(
      Part(
        name: "hosts", key: key, prepare: { mode in try hosts.prepare(mode) },
        run: { await hosts.run() }))
    // The root is no zone of anybody's own: all names are below it.
    setup.ownZones.add(configuration.zones.filter { $0 != .root })
    HostsMetrics.add(hosts.source, to: &setup)
  }
}

/// What a `hosts` directive keeps over reloads.
private final class HostsService: Sendable {
  let source: HostsSource
  let residents: [HostsResident]
  private let log: any LogSink

  init(_ configuration: HostsConfiguration, log: any LogSink, workerCount: Int) {
    let source = HostsSource(configuration, log: log)
    self.source = source
    self.log = log
    residents = (0..<workerCount).map { _ in HostsResident(source) }
  }

  /// Reads the file for the first time.
  func prepare(_ mode: StartMode) throws(StartError) {
    source.look()
    guard mode == .serve else { return }
    do throws(SystemError) {
      for resident in residents { try resident.open() }
    } catch {
      throw StartError("plugin/hosts: \(error)")
    }
  }

  /// Follows the file, on a thread of its own, until the task is cancelled.
  func run() async {
    guard source.interval > .zero else { return }
    var running: (follower: HostsFollower, thread: SystemThread)?
    do {
      let follower = try HostsFollower(source, log: log)
      running = (follower, try SystemThread(name: "hosts") { follower.run() })
    } catch {
      log.write(.error, "plugin/hosts: \(error); changes of \(source.path) are not seen")
    }
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    running?.follower.stop()
    running?.thread.join()
  }
}
