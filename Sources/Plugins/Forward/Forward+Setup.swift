import Corefile
import DNSWire
import Files
import PluginChain
import Sockets
import Synchronization
import Upstreams

extension Forward {
  /// `forward FROM TO... { ... }`; docs/plugins/forward.md lists the options. Each directive is a
  /// handler of its own, in the Corefile's order.
  package static let definition = PluginDefinition(repeatable: "forward") {
    (directives, block, setup) throws(Diagnostic) in
    for directive in directives { try add(directive, to: &block, &setup) }
  }

  private static func add(
    _ directive: Directive, to block: inout BlockSetup, _ setup: inout ServerSetup
  ) throws(Diagnostic) {
    let configuration = try ForwardConfiguration(directive)
    setup.diagnostics += configuration.warnings
    let words = block.key(directive) + configuration.tlsFileVersions(block.root)
    let (log, workerCount) = (setup.log, setup.workerCount)
    let (key, engine) = setup.kept.named(words) {
      ForwardEngine(configuration, log: log, workerCount: workerCount)
    }
    let (residents, sharing, counters) = (engine.residents, engine.sharing, engine.counters)
    setup.addResidents(residents)
    let (ownZones, root) = (setup.ownZones, block.root)
    let made = LinkedForward()
    block.factories.append { next in
      let forward = Forward(
        configuration, residents: residents, sharing: sharing, counters: counters,
        ownZones: ownZones, next: next)
      made.handler.withLock { $0 = forward }
      return forward
    }
    // The residents may be at work for the set-up before: they hear of this one when it is used.
    setup.adoptions.append { made.handler.withLock { $0 }?.handOverLoop() }
    let follower = engine.follower
    setup.parts.append(
      Part(
        name: "forward", key: key,
        prepare: { mode in
          try await follower.prepare(mode)
          guard mode == .serve else { return }
          try open(residents, configuration, root, at: directive.position)
        },
        run: { if follower.isNeeded { await follower.run() } }))
    setup.metrics += ForwardMetrics.families(residents, sharing, counters)
  }

  /// Reads the files of `tls` and makes the residents ready, before the workers start.
  private static func open(
    _ residents: [ForwardResident], _ configuration: ForwardConfiguration, _ root: RootFolder,
    at position: SourcePosition
  ) throws(StartError) {
    do {
      let tls = try configuration.tlsSettings(root)
      for resident in residents { try resident.open(tls: tls) }
    } catch {
      throw StartError("\(position): error: forward: \(error)")
    }
  }
}

/// The handler that was made for a directive, once the chain is linked.
private final class LinkedForward: Sendable {
  let handler = Mutex<Forward?>(nil)
}

/// What a `forward` directive keeps over reloads.
private final class ForwardEngine: Sendable {
  let follower: UpstreamFollower
  let residents: [ForwardResident]
  let sharing: ForwardSharing
  let counters: ForwardCounters

  init(_ configuration: ForwardConfiguration, log: any LogSink, workerCount: Int) {
    let follower = UpstreamFollower(configuration, log: log)
    let sharing = ForwardSharing(workerCount: workerCount)
    self.follower = follower
    self.sharing = sharing
    residents = (0..<workerCount).map { worker in
      ForwardResident(follower.directory, configuration.options, sharing, worker: worker)
    }
    counters = ForwardCounters(workerCount: workerCount)
  }
}

extension ForwardConfiguration {
  /// Which versions of `tls`'s files there are: others are read by a new engine.
  fileprivate func tlsFileVersions(_ root: RootFolder) -> String {
    [tlsFiles.certificate, tlsFiles.key, tlsFiles.authority].map { file in
      file.map { "\n\(PosixFile.status(root.file($0.text)))" } ?? ""
    }.joined()
  }

  /// What TLS upstreams need; `nil` when there are none.
  fileprivate func tlsSettings(
    _ root: RootFolder
  ) throws(TLSSettings.InvalidFile) -> TLSSettings? {
    let hasTLS = targets.contains {
      if case .tls = $0.transport { true } else { false }
    }
    guard hasTLS else { return nil }
    return try TLSSettings(
      TLSSettings.Files(
        certificateFile: tlsFiles.certificate.map { root.file($0.text) },
        keyFile: tlsFiles.key.map { root.file($0.text) },
        authorityFile: tlsFiles.authority.map { root.file($0.text) }))
  }
}
