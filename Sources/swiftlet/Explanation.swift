import DNSWire
import PluginChain
import Plugins
import Server
import Sockets

/// The deciding steps of one query, as text and as JSON.
struct Explanation {
  private let question: String
  private let client: String
  private let port: UInt16
  private let block: String
  private let zone: String
  private let considered: [String]
  private let chain: [String]
  private let facts: [(plugin: String, lines: [String])]
  private let verdict: Verdict
  private let search: [(name: String, verdict: Verdict)]
  private let asked: AskedAnswer?

  /// Puts together what `results` say of the question and of each name of its search path.
  ///
  /// - Parameters:
  ///   - results: what came of `names`, one for each.
  ///   - facts: what plugins know about the question.
  ///   - asked: what came when it was really asked; `nil` when it was not.
  init(
    _ request: ExplainRequest, names: [DomainName], _ results: [SingleQuery.Result],
    _ router: Router, facts: [(plugin: String, lines: [String])], asked: AskedAnswer? = nil
  ) {
    question = "\(request.name) \(request.type)"
    client = request.client.description
    port = router.port
    let route = router.route(for: request.name)
    block = route?.block.title ?? ""
    zone = route?.zone.description ?? ""
    considered = router.routes.filter { $0.zone != route?.zone }.map { other in
      let isFitting = request.name.isAtOrBelow(other.zone)
      return "\(other.zone): \(isFitting ? "fits, but is shorter" : "does not hold the name")"
    }
    chain = route?.block.chainLines ?? []
    let verdicts = results.map { Verdict($0) }
    let verdict = verdicts.first ?? Verdict(.silence)
    self.verdict = verdict
    search = zip(names, verdicts).dropFirst().map { ("\($0)", $1) }
    self.asked = asked
    self.facts = Self.relevant(facts, verdict)
  }

  /// The names whose replies an explanation needs: the question's, then its search path.
  static func names(_ request: ExplainRequest, _ loaded: LoadedCorefile) -> [DomainName] {
    let zone = loaded.setup.exporters.lazy.compactMap { $0 as? any NameFacts }.first?.searchZone
    return [request.name] + request.search(zone: zone)
  }

  /// What the plugins of its server block know about a question, now.
  static func facts(
    _ request: ExplainRequest, _ router: Router
  ) -> [(plugin: String, lines: [String])] {
    let question = Question(name: request.name, type: request.type, now: monotonicNanoseconds())
    return router.route(for: request.name)?.block.chain.facts(about: question) ?? []
  }

  /// Without those of plugins below the one that answers, which do not see the question. What
  /// `cache` knows is about the name, not about the target of its alias.
  private static func relevant(
    _ facts: [(plugin: String, lines: [String])], _ verdict: Verdict
  ) -> [(plugin: String, lines: [String])] {
    let heard = facts.filter { !verdict.isAlias || $0.plugin != "cache" }
    guard verdict.code != "FORWARDED",
      let last = heard.lastIndex(where: { $0.plugin == verdict.plugin })
    else { return heard }
    return Array(heard[...last])
  }

  // MARK: - Text

  /// Lines for people, without the last line end.
  var text: String {
    var lines = ["query: \(question) from \(client), port \(port)"]
    lines.append(zone.isEmpty ? "server block: none" : "server block: \(block), zone \(zone)")
    lines += considered.map { "  considered \($0)" }
    if !chain.isEmpty { lines += ["plugins, from the top:"] + chain.map { "  " + $0 + mark($0) } }
    for (plugin, facts) in facts { lines += [title(plugin) + ":"] + facts.map { "  " + $0 } }
    lines.append("answer: \(summary(verdict))")
    lines += verdict.answer.map { "  " + $0 }
    lines += verdict.authority.map { "  authority: " + $0 }
    lines += verdict.additional.map { "  additional: " + $0 }
    if !verdict.error.isEmpty { lines.append("  error \(verdict.error)") }
    if let asked { lines += asked.lines }
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

  private func title(_ plugin: String) -> String {
    plugin == "kubernetes" ? "cluster" : plugin
  }

  private func mark(_ line: String) -> String {
    let name = line.prefix { $0 != " " }
    guard !name.isEmpty, name == verdict.plugin else { return "" }
    return verdict.code == "FORWARDED" ? "  <- would ask" : "  <- answers"
  }

  private func summary(_ verdict: Verdict) -> String {
    switch verdict.code {
    case "FORWARDED" where verdict.isAlias:
      "an alias; \(verdict.plugin) would be asked for its target\(reservation)"
    case "FORWARDED": "\(verdict.plugin) would be asked\(reservation)"
    case let code where verdict.plugin.isEmpty: "\(code) by the server"
    case let code: "\(code) by \(verdict.plugin)"
    }
  }

  private var reservation: String { asked == nil ? "; it is not asked here" : "" }

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
      ("cluster", JSONText.list(lines(of: "kubernetes"))),
      ("facts", JSONText.object(factMembers)),
      ("code", JSONText.string(verdict.code)),
      ("plugin", JSONText.string(verdict.plugin)), ("answer", JSONText.list(verdict.answer)),
      ("authority", JSONText.list(verdict.authority)),
      ("additional", JSONText.list(verdict.additional)),
      ("error", JSONText.string(verdict.error)), ("asked", asked?.json ?? "null"),
      ("search", "[\(search.joined(separator: ","))]"),
    ])
  }

  private func lines(of plugin: String) -> [String] {
    facts.filter { $0.plugin == plugin }.flatMap(\.lines)
  }

  /// One member a plugin, however often it stands in the block.
  private var factMembers: [(name: String, value: String)] {
    var names: [String] = []
    for (plugin, _) in facts where !names.contains(plugin) { names.append(plugin) }
    return names.map { ($0, JSONText.list(lines(of: $0))) }
  }
}
