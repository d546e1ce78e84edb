/// What a Corefile says, and what is wrong with it.
package struct ParsedCorefile: Sendable {
  /// The server blocks in order; what could be read of them when there are errors.
  package var blocks: [ServerBlock]
  /// Errors and warnings by file, line and column; at most `CorefileLimits.diagnosticCountMax`
  /// and one that says so.
  package var diagnostics: [Diagnostic]
  /// Every file read, the Corefile first: what a reload has to look at.
  package var files: [String]

  /// Whether the configuration must not be used.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Parses the text of the Corefile named `file`, with everything it imports.
///
/// Never fails as a whole: after an error it goes on, to report all errors of a file at once.
/// Relative imports are seen from the folder of the file they are in.
package func parseCorefile(
  _ text: String, file: String, environment: [String: String], files: any CorefileFiles
) -> ParsedCorefile {
  var expander = ImportExpander(environment: environment, files: files, log: DiagnosticLog())
  let lines = expander.expand(text, file: file)
  var parser = BlockParser(lines: lines, log: expander.log)
  if !expander.isExhausted { parser.run() }
  if parser.blocks.isEmpty, !parser.log.hasErrors {
    parser.log.error(
      at: SourcePosition(file: file), "found no server blocks, expected at least one: '. { ... }'")
  }
  return ParsedCorefile(
    blocks: parser.blocks,
    diagnostics: parser.log.sorted(files: expander.readFiles),
    files: expander.readFiles)
}
