import Foundation

/// A DNS server that is not ours, from a package of the system, started for tests on a free port.
package final class ExternalDaemon: Sendable {
  /// Why it is not there.
  package struct StartError: Error, CustomStringConvertible {
    /// What happened.
    package let description: String
  }

  /// Where it listens, on 127.0.0.1.
  package let port: UInt16
  private let folder: TemporaryFolder
  private let process: ChildProcess

  /// Writes `configuration(port, folder)` into a folder and runs `program` until it answers.
  ///
  /// - Parameters:
  ///   - arguments: what stands before the path of the configuration.
  ///   - name: a name that it answers, over UDP.
  package init(
    _ program: String, arguments: [String], name: String,
    configuration: (UInt16, TemporaryFolder) throws -> String
  ) throws {
    port = try freePort()
    folder = try TemporaryFolder()
    let file = try folder.write(configuration(port, folder), to: "\(program).conf")
    // A copy runs: where AppArmor confines the program by its path, it may not read our folder.
    // Made by a process of its own, since no other may hold it open for writing when it starts.
    let script = #"cp "$0" copy && exec ./copy "$@""#
    process = try ChildProcess(
      executable: "/bin/sh", arguments: ["-c", script, Self.find(program)] + arguments + [file],
      folder: folder.path, standardOutput: folder.path("stdout.txt"),
      standardError: folder.path("stderr.txt"))
    let client = DNSClient(port: port)
    let query = Query(name, .a).bytes
    let isThere = waitUntil(.seconds(60)) {
      process.poll() != nil
        || (try? ParsedMessage(client.udp(query, timeout: .milliseconds(200))))?.responseCode == 0
    }
    guard isThere, process.poll() == nil else {
      throw StartError(description: "\(program) does not answer\n\(folder.read("stderr.txt"))")
    }
  }

  /// `127.0.0.1:PORT`, as a Corefile has it.
  package var text: String { "127.0.0.1:\(port)" }
  /// A client of this server.
  package var client: DNSClient { DNSClient(port: port) }

  /// Ends it.
  package func stop() {
    process.stop()
  }

  /// Servers lie where only the superuser's shell looks.
  private static func find(_ program: String) throws(StartError) -> String {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin"]
    let places = folders.map { "\($0)/\(program)" }
    let found = places.first(where: FileManager.default.isExecutableFile(atPath:))
    guard let found else {
      throw StartError(description: "no \(program); scripts/test installs it")
    }
    return found
  }
}

/// NSD with the zone `example.com` of the recorded answers.
package enum AuthoritativeServer {
  private static let server = Result { try start() }

  /// Started when first asked for, shared by all tests.
  package static func shared() throws -> ExternalDaemon {
    try server.get()
  }

  /// One for a test that ends it.
  package static func start() throws -> ExternalDaemon {
    try ExternalDaemon("nsd", arguments: ["-d", "-c"], name: "www.example.com.") { port, folder in
      """
      server:
        ip-address: 127.0.0.1@\(port)
        zonesdir: "\(folder.path)"
        username: ""
        pidfile: "\(folder.path("nsd.pid"))"
        database: ""
        xfrdfile: "\(folder.path("xfrd.state"))"
        zonelistfile: "\(folder.path("zone.list"))"
        server-count: 1
        rrl-ratelimit: 0
      remote-control:
        control-enable: no
      zone:
        name: example.com
        zonefile: "\(Fixture.path("golden/example.com.zone"))"

      """
    }
  }
}

/// Unbound with data of its own: a resolver as a node has one, but for the Internet behind it.
package enum ResolvingServer {
  /// Answers `resolver.example` and whatever else is local to it.
  ///
  /// - Parameter encryption: a port on which it speaks TLS too, and the certificate it shows there.
  package static func start(
    encryption: (port: UInt16, certificate: TestCertificate)? = nil
  ) throws -> ExternalDaemon {
    let records = [
      "resolver.example. 120 A 192.0.2.7", "resolver.example. 120 AAAA 2001:db8::7",
      "resolver.example. 120 TXT hello", "alias.example. 60 CNAME resolver.example.",
      "7.2.0.192.in-addr.arpa. 60 PTR resolver.example.",
    ]
    var encryptedLines = ""
    if let encryption {
      encryptedLines = """
          interface: 127.0.0.1@\(encryption.port)
          tls-port: \(encryption.port)
          tls-service-key: "\(encryption.certificate.keyFile)"
          tls-service-pem: "\(encryption.certificate.certificateFile)"
        """
    }
    return try ExternalDaemon(
      "unbound", arguments: ["-d", "-c"], name: "resolver.example."
    ) { port, folder in
      """
      server:
        interface: 127.0.0.1@\(port)
      \(encryptedLines)
        chroot: ""
        directory: "\(folder.path)"
        username: ""
        pidfile: "\(folder.path("unbound.pid"))"
        use-syslog: no
        do-daemonize: no
        num-threads: 1
        module-config: "iterator"
        local-zone: "." static
        local-zone: "example." static
        local-data: "example. 60 SOA ns.example. host.example. 1 7200 900 86400 30"
      \(records.map { "  local-data: \"\($0)\"" }.joined(separator: "\n"))
      remote-control:
        control-enable: no

      """
    }
  }
}
