/// One thing that is wrong, or doubtful, in a configuration, and where.
///
/// Messages say what was found and what was expected, so that the reader need not open the manual.
package struct Diagnostic: Error, Sendable, Hashable, CustomStringConvertible {
  /// How bad it is.
  package enum Severity: String, Sendable {
    /// The configuration cannot be used.
    case error
    /// The configuration can be used, but probably does not say what was meant.
    case warning
    /// The configuration is right; this may be good to know.
    case info
  }

  /// How bad it is.
  package let severity: Severity
  /// Where it is.
  package let position: SourcePosition
  /// What was found and what was expected; one line.
  package let message: String

  /// A diagnostic; an error unless told otherwise.
  package init(
    _ severity: Severity = .error, at position: SourcePosition, _ message: String
  ) {
    self.severity = severity
    self.position = position
    self.message = message
  }

  /// `Corefile:3:5: error: message`.
  package var description: String { "\(position): \(severity.rawValue): \(message)" }
}

// MARK: - Quoting

/// `text` in quotes for a message: at most `shownCharacterCountMax` characters, controls escaped.
package func quotedForMessage(_ text: some StringProtocol) -> String {
  let shownCharacterCountMax = 60
  var shown = "\""
  var count = 0
  for scalar in text.unicodeScalars {
    if count == shownCharacterCountMax {
      shown += "..."
      break
    }
    count += 1
    switch scalar {
    case "\n": shown += "\\n"
    case "\r": shown += "\\r"
    case "\t": shown += "\\t"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      shown += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: shown.unicodeScalars.append(scalar)
    }
  }
  return shown + "\""
}
