/// How long and wide files and functions may be, and what whitespace they may have.
enum FileShape {
  /// Lines of a file.
  static let fileLineCountMax = 500
  /// Lines of a function, an initializer or a computed property, from its first modifier to its
  /// closing brace.
  static let functionLineCountMax = 70
  /// Characters of a line.
  static let columnCountMax = 100
  /// Half of the source files have fewer lines.
  static let medianLineCountLimit = 150

  /// The file, if it is too long.
  static func longFile(_ file: SwiftFile) -> [Finding] {
    guard file.lineCount > fileLineCountMax else { return [] }
    return [Finding(file.path, 0, "\(file.lineCount) lines, at most \(fileLineCountMax)")]
  }

  /// Functions that are too long.
  static func longFunctions(_ file: SwiftFile) -> [Finding] {
    file.declarations.compactMap { declaration in
      guard let end = declaration.bodyEndLine else { return nil }
      let count = end - declaration.startLine + 1
      guard count > functionLineCountMax else { return nil }
      return Finding(
        file.path, declaration.line,
        "\(declaration.keyword) \(declaration.name) has \(count) lines, at most "
          + "\(functionLineCountMax)")
    }
  }

  /// Lines that are too wide; a comment with an address may be.
  static func wideLines(_ file: SwiftFile) -> [Finding] {
    zip(file.lines, 1...).compactMap { line, number in
      guard line.count > columnCountMax else { return nil }
      if line.contains("//"), line.contains("://") { return nil }
      return Finding(file.path, number, "\(line.count) columns, at most \(columnCountMax)")
    }
  }

  /// Tabs, blanks at the ends of lines, and another end of the file than one line end.
  static func whitespace(_ path: String, _ text: String, allowsTabs: Bool = false) -> [Finding] {
    var findings: [Finding] = []
    for (line, number) in zip(TextFile(path: path, text: text).lines, 1...) {
      if !allowsTabs, line.contains("\t") { findings.append(Finding(path, number, "a tab")) }
      if line.last?.isWhitespace == true {
        findings.append(Finding(path, number, "a blank at the end of the line"))
      }
    }
    if !text.hasSuffix("\n") || text.hasSuffix("\n\n") {
      findings.append(Finding(path, 0, "a file ends with one line end"))
    }
    return findings
  }

  /// The middle of a list; the mean of both middles of an even one, 0 of none.
  static func median(_ values: [Int]) -> Int {
    let sorted = values.sorted()
    guard let high = sorted.dropFirst(sorted.count / 2).first else { return 0 }
    guard sorted.count.isMultiple(of: 2) else { return high }
    return (sorted[sorted.count / 2 - 1] + high) / 2
  }
}
