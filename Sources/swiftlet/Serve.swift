import ArgumentParser
import Corefile
import DNSWire
import Glibc
import Logging
import PluginChain
import Plugins
import Server
import ServiceLifecycle
import Sockets
import UnixSignals

/// `swiftlet [serve]`: reads the Corefile and serves until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Serve (the default).")

  @Option(
    name: [.customLong("conf", withSingleDash: true), .customLong("conf")],
    help: ArgumentHelp("Corefile to load, or stdin.", valueName: "file"))
  var conf: String?

  @Option(
    name: [
      .customLong("dns.port", withSingleDash: true), .customLong("dns.port"),
      .customShort("p"), .customLong("p"),
    ],
    help: ArgumentHelp("Port of server blocks that name none.", valueName: "port"))
  var port: UInt16 = 53

  @Option(
    name: [.customLong("pidfile", withSingleDash: true), .customLong("pidfile")],
    help: ArgumentHelp("File to write the process ID to.", valueName: "file"))
  var pidfile: String?

  @Option(
    name: [.customLong("status", withSingleDash: true), .customLong("status")],
    help: ArgumentHelp(
      "Address of the status pages, or off (default \(StatusAddress.usual)).",
      valueName: "address|off"))
  var status: String?

  @Flag(
    name: [.customLong("plugins", withSingleDash: true), .customLong("plugins")],
    help: "List the plugins and end.")
  var plugins = false

  @Flag(
    name: [.customLong("version", withSingleDash: true), .customLong("version")],
    help: "Print the version and end.")
  var version = false

  @Flag(
    name: [.customLong("quiet", withSingleDash: true), .customLong("quiet")],
    help: "Do not print what is served at start.")
  var quiet = false

  func run() async throws {
    if version {
      print("Swiftlet-\(Swiftlet.version)")
      return
    }
    if plugins {
      for entry in pluginOrder {
        if case .built = entry {
          print("dns.\(entry.name)")
        } else {
          print("dns.\(entry.name) (not built yet)")
        }
      }
      return
    }
    do {
      try await serve()
    } catch let error as StartError {
      complain(error.description)
      throw ExitCode(1)
    } catch let error as ListenError {
      complain("listen \(Endpoint.text(error.address)): \(error.cause)")
      throw ExitCode(1)
    } catch let error as SystemError {
      complain(error.description)
      throw ExitCode(1)
    }
  }

  private func serve() async throws {
    ignoreSignals()
    let log = try OutputLog()
    defer { log.flush() }
    let workerCount = CoreCount.usable()
    let statusAddress: StatusAddress? =
      status == "off" ? nil : try status.map { try StatusAddress(text: $0) } ?? .usual
    let loaded = try loadCorefile(
      conf, workerCount: workerCount, defaultPort: port, log: log)
    for problem in loaded.diagnostics { complain(problem.description) }
    if loaded.hasErrors { throw ExitCode(1) }
    let listeners = try planListeners(
      loaded.blocks, ownZones: loaded.setup.ownZones.zones, defaultPort: port)
    for adopt in loaded.setup.adoptions { adopt() }
    for part in loaded.setup.parts { try await part.prepare(.serve) }
    let server = try DNSServer(
      listeners, workerCount: workerCount, residents: loaded.setup.residents, startsNow: false,
      remembers: statusAddress != nil)
    // From here on SIGUSR1 counts, whoever learns that the server is there.
    let asks = await UnixSignalsSequence(trapping: .sigusr1)
    try writeProcessID()
    if !quiet { log.writePlain(banner(server)) }
    let running = RunningServer(
      server, loaded, path: conf, defaultPort: port, workerCount: workerCount, log: log)
    let lameduck = Lameduck(
      ending: loaded.setup.ending, duration: { await running.lameduck }, log: log)
    let pages = StatusPages(server, running)
    let status = statusAddress.map { StatusService(address: $0, pages: pages, log: log) }
    let services: [any Service] =
      [
        ServerService(server: server), PartsService(running: running),
        ReloadService(running: running, asks: asks, log: log),
      ] + (status.map { [$0] } ?? []) + [lameduck]
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services,
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "swiftlet") { _ in SwiftLogNoOpLogHandler() }))
    try await group.run()
  }

  /// A client that goes away, and a terminal that does, must not end the server; CoreDNS ignores
  /// SIGHUP too. SIGQUIT ends it at once, as CoreDNS.
  private func ignoreSignals() {
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGHUP, SIG_IGN)
    // Until there is a server to reload; CoreDNS's binary upgrade is none of ours.
    _ = signal(SIGUSR1, SIG_IGN)
    _ = signal(SIGUSR2, SIG_IGN)
    _ = signal(SIGQUIT) { _ in _exit(0) }
    // Until the services have theirs nothing is to be ended in order; and process 1 of a container
    // is not ended at all without a handler.
    for number in [SIGTERM, SIGINT] { _ = signal(number) { _ in _exit(0) } }
  }

  private func writeProcessID() throws {
    guard let pidfile else { return }
    guard let file = unsafe fopen(pidfile, "w") else {
      throw StartError("\(pidfile): \(SystemError("fopen"))")
    }
    unsafe fputs("\(getpid())\n", file)
    unsafe fclose(file)
  }

  private func banner(_ server: DNSServer) -> String {
    let lines = server.addresses.map { "dns://" + Endpoint.text($0) }
    return lines.joined(separator: "\n") + "\nSwiftlet-\(Swiftlet.version)\n"
  }
}

/// Runs what stands beside the workers until shutdown.
private struct PartsService: Service {
  let running: RunningServer

  func run() async throws {
    await running.start()
    try? await gracefulShutdown()
    await running.stop()
  }
}

/// Keeps the workers until shutdown, then ends them cleanly.
private struct ServerService: Service {
  let server: DNSServer

  func run() async throws {
    // Only now, when signals have their handlers: who gets an answer may send one.
    try server.start()
    try? await gracefulShutdown()
    // Ending waits for threads: not on a thread that other tasks need.
    await withCheckedContinuation { continuation in
      let ending = try? SystemThread(name: "stop") { [server] in
        server.stop()
        continuation.resume()
      }
      if ending == nil {
        server.stop()
        continuation.resume()
      }
    }
  }
}

/// Addresses as people write them.
enum Endpoint {
  /// `127.0.0.1:53`, `[::1]:53`.
  static func text(_ address: SocketAddress) -> String {
    let plain = TransportAddress(address).address
    return address.isV6 ? "[\(plain)]:\(address.port)" : "\(plain):\(address.port)"
  }
}
