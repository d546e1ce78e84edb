import Glibc

/// The server under test: started for a test or a suite, ended with its owner.
package final class Daemon: Sendable {
  /// What to wait for before a test may ask.
  package enum Readiness: Sendable {
    /// Any reply over UDP.
    case answers
    /// A reply to the SOA of `cluster.local` that is not SERVFAIL: the objects are loaded.
    case synced
    /// Nothing: the test looks at the process itself.
    case started
  }

  /// Why the server is not there.
  package struct StartError: Error, CustomStringConvertible {
    /// What happened, with the output of the server.
    package let description: String
  }

  /// The port it was told to listen on.
  package let port: UInt16
  /// Its Corefile, output and whatever else the test writes.
  package let folder: TemporaryFolder
  private let process: ChildProcess

  /// The limit for the start: a debug build on a busy machine needs seconds.
  private static let startLimit = Duration.seconds(60)

  /// Writes `corefile(port)` into a folder and runs `swiftlet -conf Corefile` there.
  ///
  /// - Parameters:
  ///   - folder: where it runs; a new one when nil.
  ///   - arguments: what follows `-conf Corefile`.
  package convenience init(
    folder: TemporaryFolder? = nil, arguments: [String] = [], readiness: Readiness = .synced,
    corefile: (UInt16) -> String
  ) throws {
    let port = try freePort()
    let folder = try folder ?? TemporaryFolder()
    let file = try folder.write(corefile(port), to: "Corefile")
    try self.init(
      folder: folder, port: port, readiness: readiness,
      commandLine: ["-conf", file] + arguments)
  }

  /// Runs the binary with these arguments and waits until it is ready on `port`. Status pages are
  /// off unless the arguments say where they are: many servers run at the same time.
  package init(
    folder: TemporaryFolder, port: UInt16, readiness: Readiness, commandLine: [String]
  ) throws {
    self.port = port
    self.folder = folder
    let isSaid = commandLine.contains { $0.hasPrefix("-status") || $0.hasPrefix("--status") }
    process = try ChildProcess(
      executable: SwiftletBinary.path(),
      arguments: commandLine + (isSaid ? [] : ["-status", "off"]), folder: folder.path,
      standardOutput: folder.path("stdout.txt"), standardError: folder.path("stderr.txt"))
    guard waitUntil(Self.startLimit, { process.poll() != nil || isReady(readiness) }) else {
      throw StartError(description: "no answer on port \(port) in a minute\n\(lastOutput)")
    }
    if let end = process.poll() {
      throw StartError(description: "ended at start: \(end)\n\(lastOutput)")
    }
  }

  /// A client of this server on IPv4 loopback.
  package var client: DNSClient { DNSClient(port: port) }
  /// Its process id.
  package var pid: pid_t { process.pid }
  /// How it ended; nil while it runs.
  package var end: ProcessEnd? { process.poll() }
  /// What it wrote to standard output so far.
  package var standardOutput: String { folder.read("stdout.txt") }
  /// What it wrote to standard error so far.
  package var standardError: String { folder.read("stderr.txt") }
  /// Both outputs.
  package var output: String { standardOutput + standardError }

  /// Sends a signal to the process.
  package func send(signal: Int32) {
    process.send(signal: signal)
  }

  /// Waits for the end of the process; nil when it still runs after `limit`.
  package func waitForEnd(_ limit: Duration = .seconds(60)) -> ProcessEnd? {
    process.waitForEnd(limit)
  }

  private var lastOutput: String {
    let lineCountMax = 10
    return output.split(separator: "\n").suffix(lineCountMax).joined(separator: "\n")
  }

  private func isReady(_ readiness: Readiness) -> Bool {
    if case .started = readiness { return true }
    let query = Query("cluster.local.", .soa, id: 0x7e57).bytes
    guard let reply = try? client.udp(query, timeout: .milliseconds(200)), reply.count >= 12 else {
      return false
    }
    let serverFailure: UInt8 = 2
    if case .synced = readiness, reply[3] & 0x0f == serverFailure { return false }
    return true
  }
}
