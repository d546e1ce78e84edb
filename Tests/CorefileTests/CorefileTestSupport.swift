import Corefile
import Testing

/// Files that exist only in a test; `read` counts nothing and never blocks.
struct MemoryFiles: CorefileFiles {
  var texts: [String: String] = [:]

  func read(_ path: String) throws(FileProblem) -> String {
    if path.hasSuffix("/secret") { throw .notPermitted }
    guard let text = texts[path] else { throw .notFound }
    return text
  }

  func glob(_ pattern: String) -> [String] {
    let wanted = pattern.split(separator: "/").map { GlobPattern($0) }
    return texts.keys.filter { path in
      let parts = path.split(separator: "/")
      return parts.count == wanted.count
        && zip(parts, wanted).allSatisfy { $1?.matches($0) ?? false }
    }
  }
}

/// Parses `text` as `Corefile`, with files and variables.
func parse(
  _ text: String, files: [String: String] = [:], environment: [String: String] = [:]
) -> ParsedCorefile {
  parseCorefile(
    text, file: "Corefile", environment: environment, files: MemoryFiles(texts: files))
}

/// The tree on one line: `[dns://.:53] errors; cache 30 {denial 1}; log "x"`, blocks joined by `|`.
func render(_ parsed: ParsedCorefile) -> String {
  parsed.blocks.map { block in
    "[" + block.addresses.map(render).joined(separator: " ") + "]"
      + (block.directives.isEmpty ? "" : " ") + render(block.directives)
  }.joined(separator: " | ")
}

private func render(_ address: ZoneAddress) -> String {
  (address.scheme == .dns ? "" : address.scheme.rawValue + "://")
    + address.zone + (address.port.map { ":\($0)" } ?? "")
}

private func render(_ directives: [Directive]) -> String {
  directives.map { directive in
    ([directive.name] + directive.arguments).map(render).joined(separator: " ")
      + (directive.options.map { " {" + render($0) + "}" } ?? "")
  }.joined(separator: "; ")
}

private func render(_ token: Token) -> String {
  token.isQuoted ? "\"" + token.text + "\"" : token.text
}

/// What a bad text must be told: `places` and `fragments` of its diagnostics in order.
struct BadCase: Sendable, CustomTestStringConvertible {
  var text: String
  /// `line:column fragment of the message`; `file:line:column fragment` for an imported file.
  var expected: [String]
  var files: [String: String]

  init(_ text: String, _ expected: String..., files: [String: String] = [:]) {
    self.text = text
    self.expected = expected
    self.files = files
  }

  var testDescription: String { text.prefix(60).debugDescription }

  /// The differences between what is expected and `diagnostics`.
  func differences(_ diagnostics: [Diagnostic]) -> [String] {
    var result: [String] = []
    if diagnostics.count != expected.count {
      result.append("\(diagnostics.count) diagnostics, expected \(expected.count)")
    }
    for (diagnostic, line) in zip(diagnostics, expected) {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      let isWhole = parts[0].split(separator: ":").count == 3
      let place = isWhole ? parts[0] : "Corefile:" + parts[0]
      let isThere = parts.count < 2 || diagnostic.message.contains(parts[1])
      if diagnostic.position.description != place || !isThere {
        result.append("\(diagnostic), expected \(line)")
      }
    }
    return result.isEmpty ? [] : result + diagnostics.map(\.description)
  }
}
