/// The linked handlers of one server block.
///
/// The way up has two parts: first the handlers that keep what this question got (`keepsAnswers`)
/// and those that had another one asked (`settles`), then, when the target of an alias has been
/// looked up elsewhere and added, all others.
package final class Chain: Sendable {
  /// Handlers that see replies, from the lowest up; linked, so that walking counts no references.
  private final class Ascent: Sendable {
    let handler: Handler
    let above: Ascent?

    init(_ handler: Handler, above: Ascent?) {
      self.handler = handler
      self.above = above
    }

    func reply(_ exchange: inout Exchange) {
      if handler.height > exchange.answeredHeight { handler.reply(&exchange) }
      above?.reply(&exchange)
    }

    func settle(_ exchange: inout Exchange) {
      if handler.height > exchange.answeredHeight { handler.settle(&exchange) }
      above?.settle(&exchange)
    }
  }

  /// Whether queries in class CH may enter.
  package let answersChaos: Bool
  private let first: Handler?
  private let keepers: Ascent?
  private let settlers: Ascent?
  private let observers: Ascent?

  /// Links `factories` so that the first one is on top.
  package init(_ factories: [(Handler?) -> Handler]) {
    var handlers: [Handler] = []
    for make in factories.reversed() { handlers.append(make(handlers.last)) }
    first = handlers.last
    answersChaos = handlers.contains(where: \.answersChaos)
    func link(_ isWanted: (Handler) -> Bool) -> Ascent? {
      handlers.reversed().filter(isWanted).reduce(nil) { Ascent($1, above: $0) }
    }
    keepers = link { $0.seesReplies && $0.keepsAnswers }
    settlers = link { $0.settles }
    observers = link { $0.seesReplies && !$0.keepsAnswers }
  }

  /// Sends a query down the chain.
  package func query(_ exchange: inout Exchange) -> Outcome {
    guard let first else { return .unanswered }
    return first.query(&exchange)
  }

  /// Sends a query down the chain from the handler of `height` on.
  package func query(_ exchange: inout Exchange, fromHeight height: Int) -> Outcome {
    guard let handler = handler(at: height) else { return .unanswered }
    return handler.query(&exchange)
  }

  /// Goes on at the handler of `height`, which answered `.waiting`.
  package func resume(_ exchange: inout Exchange, height: Int) -> Outcome {
    guard let handler = handler(at: height) else { return .unanswered }
    return handler.resume(&exchange)
  }

  /// Asks the handler of `height` for a reply while the query waits further down; whether there is
  /// one.
  package func hurry(_ exchange: inout Exchange, height: Int) -> Bool {
    guard let handler = handler(at: height), handler.hurry(&exchange) else { return false }
    exchange.answeredHeight = height
    settlers?.settle(&exchange)
    return true
  }

  /// Shows the reply to the handlers above the one that answered that keep answers, and then lets
  /// those settle it that had another question asked.
  package func keep(_ exchange: inout Exchange) {
    keepers?.reply(&exchange)
    settlers?.settle(&exchange)
  }

  /// Shows the reply to the other handlers above the one that answered.
  package func reply(_ exchange: inout Exchange) {
    observers?.reply(&exchange)
  }

  /// The names of the plugins whose handlers are linked, from the top down.
  package var pluginNames: [String] {
    var names: [String] = []
    var node = first
    while let handler = node {
      names.append(handler.pluginName)
      node = handler.next
    }
    return names
  }

  /// The plugin of the handler of `height`; empty without one.
  package func pluginName(at height: Int) -> String { handler(at: height)?.pluginName ?? "" }

  /// What the plugins know about a question, from the top down; those that know nothing left out.
  package func facts(about question: Question) -> [(plugin: String, lines: [String])] {
    var facts: [(plugin: String, lines: [String])] = []
    var node = first
    while let handler = node {
      let lines = handler.facts(about: question)
      if !lines.isEmpty { facts.append((handler.pluginName, lines)) }
      node = handler.next
    }
    return facts
  }

  private func handler(at height: Int) -> Handler? {
    var node = first
    while let handler = node, handler.height != height { node = handler.next }
    return node
  }
}
