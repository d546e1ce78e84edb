import DNSWire
import PluginChain
import Plugins
import Server

/// The deciding steps of one query, as text and as JSON.
struct Explanation {
  private let question: String
  private let client: String
  private let port: UInt16
  private let block: String
  private let zone: String
  private let considered: [String]
  private let chain: [String]
  private let facts: [String]
  private let verdict: Verdict
  private let search: [(name: String, verdict: Verdict)]

  /// Asks for `name`, and for each name of the search path.
  init(
    name: DomainName, type: RRType, client: IPAddress, router: Router, loaded: LoadedCorefile,
    search names: [DomainName]
  ) {
    question = "\(name) \(type)"
    self.client = client.description
    port = router.port
    let route = router.route(for: name)
    block = route?.block.title ?? ""
    zone = route?.zone.description ?? ""
    considered = router.routes.filter { $0.zone != route?.zone }.map { other in
      let isFitting = name.isAtOrBelow(other.zone)
      return "\(other.zone): \(isFitting ? "fits, but is shorter" : "does not hold the name")"
    }
    chain = route?.block.chainLines ?? []
    // A block has one `kubernetes` at most, and exporters stand in the order of the blocks.
    let place = loaded.blocks.prefix(route?.number ?? 0).count {
      $0.chain.pluginNames.contains("kubernetes")
    }
    let sources = loaded.setup.exporters.compactMap { $0 as? any NameFacts }
    let hasSource = chain.contains { $0 == "kubernetes" || $0.hasPrefix("kubernetes ") }
    facts =
      hasSource && sources.indices.contains(place) ? sources[place].facts(about: name) ?? [] : []
    let query = SingleQuery(
      router.table, client: TransportAddress(address: client, port: 40_000))
    verdict = Verdict(name, type, query)
    search = names.map { ("\($0)", Verdict($0, type, query)) }
  }

  // MARK: - Text

  /// Lines for people, without the last line end.
  var text: String {
    var lines = ["query: \(question) from \(client), port \(port)"]
    lines.append(zone.isEmpty ? "server block: none" : "server block: \(block), zone \(zone)")
    lines += considered.map { "  considered \($0)" }
    if !chain.isEmpty { lines += ["plugins, from the top:"] + chain.map { "  " + $0 + mark($0) } }
    if !facts.isEmpty { lines += ["cluster:"] + facts.map { "  " + $0 } }
    lines.append("answer: \(summary(verdict))")
    lines += verdict.answer.map { "  " + $0 }
    lines += verdict.authority.map { "  authority: " + $0 }
    lines += verdict.additional.map { "  additional: " + $0 }
    if !verdict.error.isEmpty { lines.append("  error \(verdict.error)") }
    if !search.isEmpty {
      lines.append("search path of a Pod (ndots:5), until one has an answer:")
      let stop = search.firstIndex { $0.verdict.isFinal }
      for (index, step) in search.enumerated() {
        let note = index == stop ? ", the resolver stops here" : ""
        let isAsked = stop.map { index <= $0 } ?? true
        lines.append(
          "  \(step.name) \(summary(step.verdict))\(isAsked ? note : ", not asked")")
      }
    }
    return lines.joined(separator: "\n")
  }

  private func mark(_ line: String) -> String {
    let name = line.prefix { $0 != " " }
    guard !name.isEmpty, name == verdict.plugin else { return "" }
    return verdict.code == "FORWARDED" ? "  <- would ask" : "  <- answers"
  }

  private func summary(_ verdict: Verdict) -> String {
    switch verdict.code {
    case "FORWARDED" where verdict.isAlias:
      "an alias; \(verdict.plugin) would be asked for its target; it is not asked here"
    case "FORWARDED": "\(verdict.plugin) would be asked; it is not asked here"
    case let code where verdict.plugin.isEmpty: "\(code) by the server"
    case let code: "\(code) by \(verdict.plugin)"
    }
  }

  // MARK: - JSON

  /// One JSON object.
  var json: String {
    let search = search.map {
      JSONText.object([
        ("name", JSONText.string($0.name)), ("code", JSONText.string($0.verdict.code)),
        ("plugin", JSONText.string($0.verdict.plugin)),
      ])
    }
    return JSONText.object([
      ("query", JSONText.string(question)), ("client", JSONText.string(client)),
      ("port", "\(port)"), ("block", JSONText.string(block)), ("zone", JSONText.string(zone)),
      ("considered", JSONText.list(considered)), ("plugins", JSONText.list(chain)),
      ("cluster", JSONText.list(facts)), ("code", JSONText.string(verdict.code)),
      ("plugin", JSONText.string(verdict.plugin)), ("answer", JSONText.list(verdict.answer)),
      ("authority", JSONText.list(verdict.authority)),
      ("additional", JSONText.list(verdict.additional)),
      ("error", JSONText.string(verdict.error)), ("search", "[\(search.joined(separator: ","))]"),
    ])
  }
}
