/// Replaces `{$NAME}`, `{$NAME:default}`, `{%NAME%}` and, inside an import with arguments,
/// `{args.0}` and `{args[0]}` in words.
///
/// One pass from left to right: what a variable contains is not looked at again, and a value with
/// spaces stays one word. An unset variable is the empty text, as in CoreDNS.
struct Substitution {
  /// The variables.
  let environment: [String: String]

  /// `token` with everything replaced; `arguments` are those of the import it comes through.
  func apply(
    to token: Token, arguments: [Token], log: inout DiagnosticLog
  ) -> Token {
    let brace = UInt8(ascii: "{")
    guard token.text.utf8.contains(brace) else { return token }
    var result = token
    result.text = ""
    var rest = token.text[...]
    // Set once no end of that kind follows, so that each is searched to the end once at most.
    var isUnclosed = (dollar: false, percent: false)
    while let start = rest.utf8.firstIndex(of: brace) {
      result.text += rest[..<start]
      rest = rest[start...]
      var found: Replacement?
      if rest.utf8.starts(with: "{$".utf8), !isUnclosed.dollar {
        found = variable(rest, close: "}", isUnclosed: &isUnclosed.dollar)
      } else if rest.utf8.starts(with: "{%".utf8), !isUnclosed.percent {
        found = variable(rest, close: "%}", isUnclosed: &isUnclosed.percent)
      } else if !arguments.isEmpty {
        // Without arguments the text stays: it may be meant for the plugin.
        found = argument(rest, of: token, arguments, log: &log)
      }
      result.text += found?.value ?? "{"
      rest = rest[(found?.end ?? rest.utf8.index(after: start))...]
      let limit = CorefileLimits.tokenByteCountMax
      guard result.text.utf8.count <= limit else {
        log.error(
          at: token.position, "found a word of more than \(limit) octets after replacements")
        result.text = ""
        return result
      }
    }
    result.text += rest
    return result
  }

  /// What stands for a reference, and where the reference ends.
  private typealias Replacement = (value: String, end: String.Index)

  // MARK: - Kinds

  /// The variable that `text` starts with; its name is two characters later and ends at `close`.
  private func variable(
    _ text: Substring, close: String, isUnclosed: inout Bool
  ) -> Replacement? {
    let body = text.unicodeScalars.dropFirst(2)
    guard let range = Self.firstRange(of: close.utf8, in: Substring(body)) else {
      isUnclosed = true
      return nil
    }
    guard range.lowerBound > body.startIndex else { return nil }
    let reference = text[body.startIndex..<range.lowerBound]
    if let value = environment[String(reference)] { return (value, range.upperBound) }
    guard close == "}", let colon = reference.utf8.firstIndex(of: UInt8(ascii: ":")),
      colon > reference.startIndex
    else { return ("", range.upperBound) }
    // An empty variable counts as unset, as `${NAME:-default}` in a shell.
    let value = environment[String(reference[..<colon])] ?? ""
    let fallback = String(reference[reference.utf8.index(after: colon)...])
    return (value.isEmpty ? fallback : value, range.upperBound)
  }

  /// The import's argument that `text` starts with.
  private func argument(
    _ text: Substring, of token: Token, _ arguments: [Token], log: inout DiagnosticLog
  ) -> Replacement? {
    let close: String
    if text.utf8.starts(with: "{args.".utf8) {
      close = "}"
    } else if text.utf8.starts(with: "{args[".utf8) {
      close = "]}"
    } else {
      return nil
    }
    let body = text.utf8.dropFirst("{args.".utf8.count)
    let digits = body.prefix { (0x30...0x39).contains($0) }
    let rest = body[digits.endIndex...]
    guard !digits.isEmpty, rest.starts(with: close.utf8) else { return nil }
    let end = rest.index(rest.startIndex, offsetBy: close.utf8.count)
    guard let number = Int(Substring(digits)), arguments.indices.contains(number) else {
      log.error(
        at: token.position,
        "found \(quotedForMessage(text[..<end])), but the import passes \(arguments.count) "
          + "argument(s), the first is {args[0]}")
      return ("", end)
    }
    return (arguments[number].text, end)
  }

  /// Where `mark` (one or two ASCII characters) is first in `text`.
  private static func firstRange(
    of mark: String.UTF8View, in text: Substring
  ) -> Range<String.Index>? {
    guard let first = mark.first else { return nil }
    var rest = text.utf8[...]
    while let index = rest.firstIndex(of: first) {
      rest = rest[index...]
      if rest.starts(with: mark) {
        return index..<rest.index(index, offsetBy: mark.count)
      }
      rest = rest.dropFirst()
    }
    return nil
  }
}
