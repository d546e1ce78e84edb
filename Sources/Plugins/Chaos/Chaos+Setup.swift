import Corefile
import PluginChain

extension Chaos {
  /// `chaos [VERSION] [AUTHORS...]`, by default the program's version and "the Swiftlet authors".
  package static let definition = PluginDefinition("chaos") {
    (directive, block, setup) throws(Diagnostic) in
    try directive.requireNoOptions()
    let words = directive.arguments.map(\.text)
    let version = words.first ?? "Swiftlet-\(setup.version)"
    let authors = words.count > 1 ? Set(words.dropFirst()).sorted() : ["the Swiftlet authors"]
    guard authors.count <= authorCountMax else {
      throw directive.error("found \(authors.count) authors, expected at most \(authorCountMax)")
    }
    for word in directive.arguments where word.text.utf8.count > textOctetCountMax {
      setup.diagnostics.append(
        Diagnostic(
          .warning, at: word.position,
          "found \(word.text.utf8.count) octets, of which clients get \(textOctetCountMax)"))
    }
    let host = hostName()
    block.factories.append { Chaos(version: version, authors: authors, host: host, next: $0) }
  }

  /// So that all authors fit into a reply over TCP.
  private static let authorCountMax = 200
}
