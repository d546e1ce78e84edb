// The values that a plugin's set-up reads from arguments. All failures are a `Diagnostic` at the
// word that says what was found and what was expected.

extension Token {
  /// An error at this word.
  package func error(_ message: String) -> Diagnostic {
    Diagnostic(at: position, message)
  }

  /// A whole number in `range`.
  package func integer(in range: ClosedRange<Int>) throws(Diagnostic) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw wrong("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A duration as Go writes it (`5s`, `1m30s`, `500ms`, `0`) in `range`.
  package func duration(in range: ClosedRange<Duration>) throws(Diagnostic) -> Duration {
    let bounds =
      "from \(GoDuration.text(range.lowerBound)) to \(GoDuration.text(range.upperBound))"
    guard let value = GoDuration.parse(text) else {
      if let number = Double(text), number.isFinite {
        throw wrong("a duration with a unit \(bounds): \(quotedForMessage(text + "s"))?")
      }
      throw wrong("a duration like 5s, 500ms or 1m30s \(bounds)")
    }
    guard range.contains(value) else { throw wrong("a duration \(bounds)") }
    return value
  }

  /// One of `words`, as written there.
  package func keyword(among words: [String]) throws(Diagnostic) -> String {
    if words.contains(text) { return text }
    var expected = words.joined(separator: ", ")
    if words.count > 1 { expected = "one of " + expected }
    if let near = nearestWord(to: text, among: words), words.count > 1 {
      expected += "; did you mean \(quotedForMessage(near))?"
    }
    throw wrong(expected)
  }

  /// The zones of a zone argument: a name, or a CIDR as its reverse zones; see `normalizedZone`.
  package func zones() throws(Diagnostic) -> [String] {
    do throws(ZoneProblem) {
      return try normalizedZone(text).get()
    } catch {
      throw self.error(error.description)
    }
  }

  private func wrong(_ expected: String) -> Diagnostic {
    error("found \(quotedForMessage(text)), expected \(expected)")
  }
}
