import ArgumentParser
import Corefile
import DNSWire
import PluginChain
import Plugins
import Server

/// `swiftlet explain NAME [TYPE]`: why a name is answered as it is.
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say step by step how a query would be answered.",
    discussion: """
      Loads what the Corefile names once, sends the query through the same code as a server does, \
      and ends. Upstreams are not asked.
      """)

  /// How the explanation is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    /// Lines for people.
    case text
    /// One JSON object.
    case json
  }

  @Option(
    name: [.customLong("conf", withSingleDash: true), .customLong("conf")],
    help: ArgumentHelp("Corefile to load, or stdin.", valueName: "file"))
  var conf: String?

  @Option(help: ArgumentHelp("Address of the client.", valueName: "ip"))
  var client = "127.0.0.1"

  @Option(
    name: [.customLong("dns.port", withSingleDash: true), .customLong("dns.port")],
    help: ArgumentHelp("Port that is asked, and of blocks that name none.", valueName: "port"))
  var port: UInt16?

  @Option(help: ArgumentHelp("Namespace of the Pod that asks.", valueName: "namespace"))
  var namespace = "default"

  @Option(help: "text or json.")
  var format = Format.text

  @Argument(help: "The name, as a client would write it.")
  var name: String

  @Argument(help: "The type of the records.")
  var type = "A"

  func run() async throws {
    do {
      try await explain()
    } catch let error as StartError {
      complain(error.description)
      throw ExitCode(1)
    }
  }

  private func explain() async throws {
    guard let asked = DomainName(text: name) else {
      throw StartError("explain: \(name) is not a domain name")
    }
    guard let type = RRType(mnemonic: type) else {
      throw StartError("explain: \(type) is not a type of records")
    }
    guard let address = IPAddress(text: client) else {
      throw StartError("explain: \(client) is not an IP address")
    }
    let loaded = try loadCorefile(
      conf, workerCount: 1, defaultPort: port ?? 53, log: ErrorLog())
    for problem in loaded.diagnostics where problem.severity == .error {
      complain(problem.description)
    }
    if loaded.hasErrors { throw ExitCode(1) }
    let router = try Router(loaded, port: port)
    // Only what reads names: the rest would open sockets or ask others.
    for part in loaded.setup.parts where ["kubernetes", "hosts"].contains(part.name) {
      try await part.prepare(.once)
    }
    let explanation = Explanation(
      name: asked, type: type, client: address, router: router, loaded: loaded,
      search: search(asked, loaded))
    var output = BufferedOutput()
    try output.write(format == .text ? explanation.text : explanation.json)
    try output.flush()
  }

  /// The names that a resolver with `ndots:5` tries for a Pod, in its order; empty for a name that
  /// was written with a dot at its end, which is tried as it is.
  private func search(_ asked: DomainName, _ loaded: LoadedCorefile) -> [DomainName] {
    let zone = loaded.setup.exporters.lazy.compactMap { $0 as? any NameFacts }.first?.searchZone
    guard let zone, !name.hasSuffix(".") else { return [] }
    let path = ["\(namespace).svc.\(zone)", "svc.\(zone)", "\(zone)"].compactMap {
      DomainName(text: "\(name).\($0)")
    }
    return asked.labelCount > Self.dotCountMin ? [asked] + path : path + [asked]
  }

  /// Dots from which on a name is tried as it is first (`ndots` in a Pod's resolv.conf).
  private static let dotCountMin = 5
}

extension RRType {
  /// The type of a mnemonic such as `AAAA`, or of `TYPE65`; `nil` for anything else.
  init?(mnemonic text: String) {
    let text = text.uppercased()
    if text.hasPrefix("TYPE"), let number = UInt16(text.dropFirst(4)) {
      self.init(rawValue: number)
      return
    }
    guard
      let found = (1...260).map({ RRType(rawValue: $0) }).first(where: { $0.description == text })
    else { return nil }
    self = found
  }
}
