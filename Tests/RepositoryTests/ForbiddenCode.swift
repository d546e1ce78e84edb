/// Calls and marks that Swift code of this repository does without.
enum ForbiddenCode {
  /// Ends the process from input, or hides that it may.
  static func traps(_ file: SwiftFile) -> [Finding] {
    findings(file, words: ["fatalError"], "no fatalError: return or throw")
      + zip(file.codeLines, 1...).flatMap { line, number in
        forcedWords(line).map { word in
          let name = ["try", "as"].contains(word) ? word + "!" : "a force unwrap"
          return Finding(file.path, number, "no \(name): return or throw")
        }
      }
  }

  /// Output that goes past the log.
  static func prints(_ file: SwiftFile) -> [Finding] {
    findings(file, words: ["print", "debugPrint"], isCall: true, "no print: use the log")
  }

  /// Tests that see more than other targets do.
  static func testableImports(_ file: SwiftFile) -> [Finding] {
    findings(file, words: ["testable"], "no @testable: test what other targets see")
  }

  /// Tests that wait for a time instead of a condition.
  static func sleeps(_ file: SwiftFile) -> [Finding] {
    findings(
      file, words: ["sleep", "usleep", "nanosleep"], isCall: true,
      "no sleep: wait for a condition with waitUntil")
  }

  // MARK: - Lines

  /// The words before each `!` that follows a value or a type; "" before one that closes something.
  private static func forcedWords(_ line: String) -> [String] {
    let octets = Array(line.utf8)
    var found: [String] = []
    for index in octets.indices.dropFirst() where octets[index] == UInt8(ascii: "!") {
      let isComparison = index + 1 < octets.count && octets[index + 1] == UInt8(ascii: "=")
      let before = octets[octets.index(before: index)]
      guard !isComparison, isWord(before) || Array(")]}?!\">".utf8).contains(before) else {
        continue
      }
      let word = octets[..<index].reversed().prefix(while: isWord).reversed()
      found.append(String(decoding: Array(word), as: UTF8.self))
    }
    return found
  }

  private static func isWord(_ octet: UInt8) -> Bool {
    octet == UInt8(ascii: "_") || octet >= 0x80 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= octet
      || UInt8(ascii: "a")...UInt8(ascii: "z") ~= octet | 0x20
  }

  private static func findings(
    _ file: SwiftFile, words: Set<String>, isCall: Bool = false, _ message: String
  ) -> [Finding] {
    zip(file.codeLines, 1...).flatMap { line, number in
      let octets = Array(line.utf8)
      return octets.split { !isWord($0) }.filter { word in
        words.contains(String(decoding: word, as: UTF8.self))
          && (!isCall || octets.dropFirst(word.endIndex).first == UInt8(ascii: "("))
      }.map { _ in Finding(file.path, number, message) }
    }
  }
}
