/// A Markdown file, as far as the rules need it.
struct Markdown {
  /// A fenced block of code.
  struct Block: Equatable {
    /// The word behind the fence.
    let language: String
    /// The line of the text's first line.
    let line: Int
    /// The lines between the fences, each with its end.
    let text: String
  }

  /// Relative to the root of the repository.
  let path: String
  /// The fenced blocks in order.
  let blocks: [Block]
  /// The lines outside of blocks, with numbers.
  let prose: [(text: String, line: Int)]

  /// Reads a file; a block without its end goes to the end of the file.
  init(_ file: TextFile) {
    path = file.path
    var blocks: [Block] = []
    var prose: [(text: String, line: Int)] = []
    var open: (language: String, line: Int, lines: [String])?
    for (text, line) in zip(file.lines, 1...) {
      let isFence = text.hasPrefix("```")
      if let block = open {
        if isFence {
          blocks.append(Self.block(block))
          open = nil
        } else {
          open?.lines.append(text)
        }
      } else if isFence {
        open = (String(text.dropFirst(3)), line + 1, [])
      } else {
        prose.append((text, line))
      }
    }
    if let open { blocks.append(Self.block(open)) }
    self.blocks = blocks
    self.prose = prose
  }

  private static func block(_ open: (language: String, line: Int, lines: [String])) -> Block {
    Block(
      language: open.language, line: open.line, text: open.lines.map { $0 + "\n" }.joined())
  }

  // MARK: - Parts

  /// The titles of a level, without their marks.
  func titles(level: Int) -> [String] {
    let mark = String(repeating: "#", count: level) + " "
    return prose.filter { $0.text.hasPrefix(mark) }.map { String($0.text.dropFirst(mark.count)) }
  }

  /// The targets of links and pictures, with lines.
  var links: [(target: String, line: Int)] {
    prose.flatMap { text, line in
      text.ranges(of: "](").compactMap { range in
        let rest = text[range.upperBound...]
        return rest.firstIndex(of: ")").map { (String(rest[..<$0]), line) }
      }
    }
  }

  /// The cells of the rows of all tables, with lines; head and rule included.
  var tableRows: [(cells: [String], line: Int)] {
    prose.filter { $0.text.hasPrefix("|") }.map { text, line in
      let cells = text.split(separator: "|").map { cell in
        String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
      return (cells, line)
    }
  }
}
