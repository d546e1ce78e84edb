import Corefile
import Testing
import TestSupport

/// Mutations of good texts: whatever comes, the parser returns and stays within its limits.
@Suite struct FuzzTests {
  static let caseCount = 20_000

  private static let pieces: [String] = [
    "{", "}", " {\n", "\n}\n", "\"", "\\", "\\\n", "#", ",", ":", "/", "\0", "\r\n", "\t", " ",
    "import ", "import s\n", "import d/*\n", "import loop\n", "(s) {\n", "(s)", "{$A}", "{%A%}",
    "{$A:x}", "{$", "{args.0}", "{args[9]}", ".:53 {\n", "10.0.0.0/9", "2001:db8::/31:53", "[::]",
    "tls://", "é", "\u{FEFF}", "\u{2028}", "e\u{301}", "\u{1F469}\u{200D}\u{1F52C}",
  ]

  private static func mutated(using generator: inout SeededGenerator) -> String {
    var scalars = Array((RealCorefiles.all.randomElement(using: &generator) ?? "").unicodeScalars)
    for _ in 0..<Int.random(in: 1...8, using: &generator) {
      let place = Int.random(in: 0...scalars.count, using: &generator)
      let end = min(scalars.count, place + Int.random(in: 0...40, using: &generator))
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: scalars.removeSubrange(place..<end)
      case 1: scalars.insert(contentsOf: scalars[place..<end], at: place)
      case 2: scalars = Array(scalars[..<place])
      default:
        let piece = pieces.randomElement(using: &generator) ?? ""
        scalars.insert(contentsOf: piece.unicodeScalars, at: place)
      }
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Whether every part of the tree is within its limits and inside the text.
  private static func isSound(_ parsed: ParsedCorefile) -> Bool {
    func depth(_ directives: [Directive]) -> Int {
      directives.map { 1 + depth($0.options ?? []) }.max() ?? 0
    }
    func hasPlaces(_ diagnostic: Diagnostic) -> Bool {
      diagnostic.position.line > 0 && diagnostic.position.column > 0
        && !diagnostic.message.contains("\n") && parsed.files.contains(diagnostic.position.file)
    }
    return parsed.diagnostics.count <= CorefileLimits.diagnosticCountMax + 1
      && parsed.diagnostics.allSatisfy(hasPlaces)
      && parsed.blocks.allSatisfy { block in
        !block.keys.isEmpty && depth(block.directives) <= CorefileLimits.nestingDepthMax
          && block.addresses.allSatisfy { address in
            (try? normalizedZone(address.zone).get()) == [address.zone] && address.port != 0
          }
      }
      && (parsed.hasErrors || !parsed.blocks.isEmpty)
  }

  @Test func `mutated files return within the limits`() {
    var generator = SeededGenerator(seed: 2026)
    let files = [
      "d/a": "log\n", "d/b": "x.org {\n errors\n}\n", "loop": "import loop\n",
      "custom/a.server": "}",
    ]
    var goodCount = 0
    for number in 0..<Self.caseCount {
      let text = Self.mutated(using: &generator)
      let parsed = parse(text, files: files, environment: ["A": "a{$A} \"b"])
      if !parsed.hasErrors { goodCount += 1 }
      guard Self.isSound(parsed) else {
        Issue.record("case \(number): \(parsed.diagnostics)\n\(text)")
        return
      }
    }
    // The mutations must not be so wild that only one side of the parser is seen.
    #expect((Self.caseCount / 50..<Self.caseCount / 2).contains(goodCount), "\(goodCount)")
  }

  @Test func `hostile texts take little time`() {
    let long = 50_000
    for piece in ["{", "\"", "\\", "#", "a#", "}", "{$", "{%", "{args[", ",", "(", "\\\n", "x {\n"]
    {
      let text = String(repeating: piece, count: long)
      for whole in [
        text, ". {\n log " + text + "\n}", "(s) {\n log " + text + "\n}\n. {\n import s x",
      ] {
        #expect(Self.isSound(parse(whole)))
      }
    }
  }
}
