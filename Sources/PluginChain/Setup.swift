import Corefile
import DNSWire

/// What plugins contribute while a Corefile is set up: to a server block and to the whole server.
///
/// Set-up only reads the Corefile and builds objects; files, sockets and threads wait for
/// `Part.prepare` and `Part.run`. So `check` sets everything up and starts nothing.
package struct ServerSetup {
  /// What has to run beside the workers.
  package var parts: [Part] = []
  /// Zones that `dump` can print.
  package var exporters: [any ZoneExporter] = []
  /// What `ready` asks, by plugin name.
  package var readinessChecks: [ReadinessCheck] = []
  /// The addresses that `ready` serves on, and where the Corefile says so.
  package var readyAddresses: [String: Token] = [:]
  /// Those of them that ask anew each time, instead of being ready for good once they are.
  package var readyContinuously: Set<String> = []
  /// The addresses that `health` serves on.
  package var healthAddresses: Set<String> = []
  /// How long the server goes on serving once it was told to end: the longest of any server block.
  package var lameduck = Duration.zero
  /// Whether it was told to end.
  package let ending: Ending
  /// What `prometheus` is to serve.
  package var prometheus = PrometheusSetup()
  /// `debug` stands in some server block.
  package var writesDebug = false
  /// The port of server blocks that name none.
  package var defaultPort: UInt16 = 53
  /// Warnings and errors, in the order found.
  package var diagnostics: [Diagnostic] = []
  /// Zones that plugins answer from memory.
  package let ownZones = OwnZones()
  /// What lives on the workers, by worker.
  package private(set) var residents: [[Resident]]
  /// What `prometheus` shows.
  package var metrics: [MetricFamily] = []
  /// `reload`: how the Corefile is followed; `nil` when it is not.
  package var reload: ReloadPolicy?
  /// What became of reloads.
  package let reloadState: ReloadState
  /// What is taken over from the set-up before, at a reload.
  package let kept: KeptState
  /// Done when the set-up takes the place of the one before, or starts.
  package var adoptions: [@Sendable () -> Void] = []
  /// The program's version.
  package let version: String
  /// Workers that will read; plugins size per-worker state by it.
  package let workerCount: Int
  /// Where plugins write what people should read.
  package let log: any LogSink

  /// An empty set-up.
  package init(
    workerCount: Int, log: any LogSink, kept: KeptState = KeptState(), version: String = ""
  ) {
    self.version = version
    self.workerCount = workerCount
    self.log = log
    self.kept = kept
    ending = kept.value("ending") { Ending() }
    reloadState = kept.value("reload") { ReloadState() }
    residents = Array(repeating: [], count: workerCount)
  }

  /// Makes a resident for every worker and returns them, by worker.
  package mutating func addResidents<Kind: Resident>(_ make: (Int) -> Kind) -> [Kind] {
    let list = (0..<workerCount).map(make)
    addResidents(list)
    return list
  }

  /// Adds residents, one for every worker in order.
  package mutating func addResidents(_ list: [Resident]) {
    for (worker, resident) in zip(residents.indices, list) { residents[worker].append(resident) }
  }
}

/// The set-up of one server block.
package struct BlockSetup {
  /// The block as parsed.
  package let block: ServerBlock
  /// The block's zones, absolute and in lower case.
  package let zones: [DomainName]
  /// Addresses and interfaces of `bind`, with what to leave out; empty is every address.
  package var bindings: [Token] = []
  /// Addresses and interfaces that `bind`'s `except` leaves out.
  package var bindingExceptions: [Token] = []
  /// Where relative paths start (`root`).
  package var root = RootFolder()
  /// Limits of TCP connections (`timeouts`).
  package var timeouts = StreamTimeouts()
  /// The handlers' factories, top first.
  package var factories: [(Handler?) -> Handler] = []
  /// Factories of handlers that see the refusal of queries on the block's addresses which no server
  /// block is for.
  package var unroutedFactories: [(Handler?) -> Handler] = []

  /// The label `server` of metrics: scheme and port of the block's first address, and the first
  /// address of `bind`.
  package var serverLabel: String {
    let address = block.addresses.first
    var host = ""
    if let bound = bindings.first.flatMap({ IPAddress(text: $0.text) }) {
      host = bound.family == .v4 ? "\(bound)" : "[\(bound)]"
    }
    return "\(address?.scheme.rawValue ?? "dns")://\(host):\(address?.port ?? defaultPort)"
  }

  /// Where the block listens and for which zones, as it is written.
  package var places: [String] {
    block.addresses.map { "\($0.scheme.rawValue)://\($0.zone):\($0.port ?? defaultPort)" }
      + (bindings + bindingExceptions).map(\.text)
  }

  /// The port of addresses without one.
  private let defaultPort: UInt16

  /// An empty set-up for `block`.
  package init(block: ServerBlock, zones: [DomainName], defaultPort: UInt16 = 53) {
    self.block = block
    self.zones = zones
    self.defaultPort = defaultPort
  }

  /// Gives the handlers of all factories from place `first` on the name of their plugin.
  package mutating func nameHandlers(from first: Int, _ plugin: String) {
    for index in factories.indices.dropFirst(first) {
      let make = factories[index]
      factories[index] = { next in
        let handler = make(next)
        handler.pluginName = plugin
        return handler
      }
    }
  }
}

/// Something that runs beside the workers for as long as the server does.
package struct Part: Sendable {
  /// For messages.
  package let name: String
  /// What makes it the same part after a reload, which then goes on; `nil` when it is another one
  /// each time.
  package let key: String?
  /// What only one part can hold at a time, such as a port over HTTP; `nil` when there is nothing
  /// of the kind. At a reload the part that goes ends before the one that comes starts.
  package let claim: String?
  /// Done before the workers start, in Corefile order; an error ends the start. Again when a part
  /// that gave way for a reload has to come back.
  package let prepare: @Sendable (StartMode) async throws -> Void
  /// Runs until cancelled.
  package let run: @Sendable () async throws -> Void

  /// A part; either half may be empty.
  package init(
    name: String, key: String? = nil, claim: String? = nil,
    prepare: @escaping @Sendable (StartMode) async throws -> Void = { _ in },
    run: @escaping @Sendable () async throws -> Void = {}
  ) {
    self.name = name
    self.key = key
    self.claim = claim
    self.prepare = prepare
    self.run = run
  }
}

/// A plugin that can list its authoritative zones.
package protocol ZoneExporter: Sendable {
  /// The zones, in the Corefile's order.
  var zones: [DomainName] { get }
  /// Every record of one of `zones`, in no particular order.
  func records(of zone: DomainName) -> [ResourceRecord]
}

/// One plugin's answer to "may queries come?".
package struct ReadinessCheck: Sendable {
  /// The plugin's name, as `ready` prints it.
  package let name: String
  /// Whether the plugin can answer.
  package let isReady: @Sendable () -> Bool

  /// A named check.
  package init(name: String, isReady: @escaping @Sendable () -> Bool) {
    self.name = name
    self.isReady = isReady
  }
}

/// Where log lines go. Writing never blocks a worker: what cannot be taken is dropped and counted.
package protocol LogSink: Sendable {
  /// Takes one line at a level, without its line end.
  func write(_ level: LogLevel, _ line: String)
  /// Whether debug lines are written from now on.
  func setDebug(_ isOn: Bool)
}

/// CoreDNS's log levels.
package enum LogLevel: String, Sendable {
  /// Only with `debug`.
  case debug = "DEBUG"
  /// Query log and state.
  case info = "INFO"
  /// Something to look at.
  case warning = "WARNING"
  /// Something failed.
  case error = "ERROR"
}

/// What a start is for.
package enum StartMode: Sendable {
  /// To serve: nothing waits longer than its start-up timeout, and changes are followed.
  case serve
  /// To read everything once, whole, and end.
  case once
}

/// Something that keeps the server from starting: one line for a person.
package struct StartError: Error, Sendable, CustomStringConvertible {
  /// The line.
  package let description: String

  /// An error with its line.
  package init(_ description: String) {
    self.description = description
  }
}
