import Corefile
import PluginChain

extension Errors {
  /// `errors [stdout] { stacktrace; consolidate DURATION REGEXP [LEVEL] [show_first] }`.
  package static let definition = PluginDefinition("errors") {
    (directive, block, setup) throws(Diagnostic) in
    try directive.requireArguments(0...1)
    _ = try directive.arguments.first?.keyword(among: ["stdout"])
    var patterns: [ErrorPattern] = []
    for option in directive.options ?? [] {
      switch option.name.text {
      case "stacktrace":
        try option.requireArguments(0...0)
        setup.diagnostics.append(
          Diagnostic(
            .warning, at: option.position,
            "stacktrace has no effect: the server has no panics whose stacks could be shown"))
      case "consolidate":
        guard patterns.count < ErrorConsolidation.patternCountMax else {
          throw option.error(
            "errors has more than \(ErrorConsolidation.patternCountMax) patterns")
        }
        patterns.append(try pattern(option))
      default: throw directive.unknownOption(option, known: ["stacktrace", "consolidate"])
      }
      try option.requireNoOptions()
    }
    let log = setup.log
    let consolidation = ErrorConsolidation(patterns, log: log)
    if !patterns.isEmpty {
      setup.parts.append(Part(name: "errors", run: { await consolidation.run() }))
    }
    block.factories.append { Errors(consolidation, log: log, next: $0) }
  }

  // MARK: - consolidate

  private static let periodMax = Duration.seconds(86_400)
  private static let levels: [String: LogLevel] = [
    "warning": .warning, "error": .error, "info": .info, "debug": .debug,
  ]

  /// `consolidate DURATION REGEXP [warning|error|info|debug] [show_first]`.
  private static func pattern(
    _ option: Directive
  ) throws(Diagnostic) -> ErrorPattern {
    guard option.arguments.count >= 2 else {
      try option.requireArguments(2...)
      throw option.error("found too few arguments after consolidate")
    }
    try option.requireArguments(2...4)
    let words = option.arguments
    let period = try words[0].duration(in: .milliseconds(1)...periodMax)
    var level: LogLevel?
    var showsFirst = false
    for word in words.dropFirst(2) {
      let text = try word.keyword(among: levels.keys.sorted() + ["show_first"])
      if text == "show_first" {
        showsFirst = true
      } else if showsFirst {
        throw word.error("found the level \(text) after show_first, expected it before")
      } else if level != nil {
        throw word.error("found a second level \(text), expected one")
      } else {
        level = levels[text]
      }
    }
    return ErrorPattern(
      try words[1].pattern(), period: period, level: level ?? .error, showsFirst: showsFirst)
  }
}
