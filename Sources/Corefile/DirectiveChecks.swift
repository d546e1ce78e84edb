// What a plugin's set-up asks of a directive. All failures are a `Diagnostic` that says what was
// found and what was expected.

extension Directive {
  /// An error at the directive's name.
  package func error(_ message: String) -> Diagnostic {
    Diagnostic(at: position, message)
  }

  /// Requires a number of arguments in `range`; points at the first one too many, or the name.
  package func requireArguments(_ range: ClosedRange<Int>) throws(Diagnostic) {
    let (least, most) = (range.lowerBound, range.upperBound)
    if arguments.count > most {
      let extra = arguments[max(most, 0)]
      if most <= 0 {
        throw extra.error(
          "found \(quotedForMessage(extra.text)), but \(name.text) takes no arguments")
      }
      throw extra.error(
        "found \(quotedForMessage(extra.text)), expected "
          + (least == most ? "" : "at most ") + "\(argumentsText(most)) after \(name.text)")
    }
    if arguments.count < least {
      throw missing(least == most ? argumentsText(least) : "at least \(argumentsText(least))")
    }
  }

  /// Requires at least a number of arguments.
  package func requireArguments(_ range: PartialRangeFrom<Int>) throws(Diagnostic) {
    guard arguments.count >= range.lowerBound else {
      throw missing("at least \(argumentsText(range.lowerBound))")
    }
  }

  /// The only argument; an error when there are none or several.
  package func onlyArgument() throws(Diagnostic) -> Token {
    guard let first = arguments.first, arguments.count == 1 else {
      try requireArguments(1...1)
      throw missing(argumentsText(1))
    }
    return first
  }

  /// Requires that there is no block; an empty `{ }` is as none.
  package func requireNoOptions() throws(Diagnostic) {
    guard let first = options?.first else { return }
    throw first.error(
      "found \(quotedForMessage(first.name.text)), but \(name.text) takes no options")
  }

  /// The error for an option that this directive does not have, with the nearest one it has.
  package func unknownOption(_ option: Directive, known: [String]) -> Diagnostic {
    var message = "found the option \(quotedForMessage(option.name.text)), "
    if known.isEmpty {
      message += "but \(name.text) takes no options"
    } else if let near = nearestWord(to: option.name.text, among: known) {
      message += "which \(name.text) does not have; did you mean \(quotedForMessage(near))?"
    } else {
      message += "expected one of \(name.text)'s: \(known.joined(separator: ", "))"
    }
    return option.error(message)
  }

  private func missing(_ expected: String) -> Diagnostic {
    let found = arguments.isEmpty ? "no arguments" : argumentsText(arguments.count)
    return error("found \(found), expected \(expected) after \(name.text)")
  }

  private func argumentsText(_ count: Int) -> String {
    count == 1 ? "1 argument" : "\(count) arguments"
  }
}
