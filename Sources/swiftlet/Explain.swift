import ArgumentParser
import Corefile
import PluginChain
import Server

/// `swiftlet explain NAME [TYPE]`: why a name is answered as it is.
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say step by step how a query would be answered.",
    discussion: """
      Loads what the Corefile names once, sends the query through the same code as a server does, \
      and ends. Upstreams are not asked. With --running the server that runs here is asked, for \
      what it serves now.
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

  @Flag(
    name: [.customLong("running", withSingleDash: true), .customLong("running")],
    help: "Ask the server that runs here; an ADDRESS:PORT may follow.")
  var running = false

  @Flag(help: "Ask upstreams, too: only a running server can.")
  var ask = false

  @Argument(
    help: ArgumentHelp(
      "The name, as a client would write it, and perhaps a type.",
      valueName: "name [type]"))
  var words: [String]

  /// The words without the address of `--running`.
  private var question: [String] {
    guard let place = addressPlace else { return words }
    return Array(words[..<place] + words[(place + 1)...])
  }

  /// Where among the words `--running`'s address stands: no name looks like one.
  private var addressPlace: Int? {
    running ? words.firstIndex { (try? StatusAddress(text: $0)) != nil } : nil
  }

  func validate() throws {
    guard !question.isEmpty else { throw ValidationError("Missing expected argument '<name>'") }
    if let more = question.dropFirst(2).first {
      throw ValidationError("Unexpected argument '\(more)'")
    }
    if running, conf != nil {
      throw ValidationError("-conf has no effect with --running: the server has its Corefile")
    }
  }

  func run() async throws {
    do {
      try await explain()
    } catch let error as StartError {
      complain(error.description)
      throw ExitCode(1)
    }
  }

  private func explain() async throws {
    let words = question
    let request = try ExplainRequest(
      name: words[0], type: words.count > 1 ? words[1] : "A", client: client,
      namespace: namespace, port: port)
    if running {
      let address = try addressPlace.map { try StatusAddress(text: self.words[$0]) }
      let question = StatusQuestion(address: address ?? .usual)
      try write(
        try await question.explain(request, name: words[0], format: format.rawValue))
      return
    }
    let explanation = try await offline(request)
    try write(format == .text ? explanation.text : explanation.json)
  }

  private func write(_ text: String) throws {
    var output = BufferedOutput()
    try output.write(text)
    try output.flush()
  }

  /// Explains by the Corefile and what it names, read once.
  private func offline(_ request: ExplainRequest) async throws -> Explanation {
    let loaded = try loadCorefile(
      conf, workerCount: 1, defaultPort: port ?? 53, log: ErrorLog())
    for problem in loaded.diagnostics where problem.severity == .error {
      complain(problem.description)
    }
    if loaded.hasErrors { throw ExitCode(1) }
    let router = try Router(loaded, port: port, defaultPort: port ?? 53)
    // Only what reads names: the rest would open sockets or ask others.
    for part in loaded.setup.parts where ["kubernetes", "hosts"].contains(part.name) {
      try await part.prepare(.once)
    }
    let names = Explanation.names(request, loaded)
    let single = SingleQuery(
      router.table, client: TransportAddress(address: request.client, port: 40_000))
    let results = names.map { single.ask(Verdict.query($0, request.type)) }
    return Explanation(
      request, names: names, results, router, facts: Explanation.facts(request, router),
      asked: ask ? .nobody(reason: "no server runs here; --running asks the one that does") : nil)
  }
}
