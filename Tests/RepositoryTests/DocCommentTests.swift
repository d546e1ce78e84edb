import Testing

/// Documentation comments: on all that other targets see, and on every type.
enum DocComments {
  private static let visibleWords: Set = ["package", "public", "open"]
  /// Members whose protocol says what they are.
  private static let obviousNames: Set = ["==", "<", "hash", "description", "debugDescription"]

  /// Declarations that need a documentation comment and have none.
  static func missing(_ file: SwiftFile) -> [Finding] {
    file.declarations.compactMap { declaration in
      guard needsComment(declaration), !hasComment(file, above: declaration.startLine) else {
        return nil
      }
      return Finding(
        file.path, declaration.line,
        "\(declaration.keyword) \(declaration.name) has no documentation comment (///)")
    }
  }

  private static func needsComment(_ declaration: Declaration) -> Bool {
    let word = declaration.access
    if ["import", "extension", "deinit"].contains(declaration.keyword) { return false }
    if declaration.modifiers.contains("override") { return false }
    if obviousNames.contains(declaration.name), !declaration.isTopLevel { return false }
    if visibleWords.contains(word) { return true }
    let isHidden = ["private", "fileprivate"].contains(word)
    return declaration.isTopLevel && declaration.isType && !isHidden
  }

  /// Whether the lines above end in a documentation comment that says something; other comments
  /// may stand between.
  private static func hasComment(_ file: SwiftFile, above line: Int) -> Bool {
    for text in file.lines.prefix(line - 1).reversed() {
      let trimmed = text.drop { $0 == " " }
      if trimmed.hasPrefix("///") {
        if trimmed.count > 4 { return true }
      } else if !trimmed.hasPrefix("//") || trimmed.hasPrefix("// MARK:") {
        return false
      }
    }
    return false
  }
}

@Suite struct DocCommentTests {
  @Test func `what others see is documented`() {
    expectNone(Repository.sources.flatMap(DocComments.missing))
  }

  @Test(arguments: [
    ("package func f() {}", [1]), ("/// Does.\npackage func f() {}", []),
    ("/// Does.\n@inlinable\n@inline(__always) package\nfunc f() {}", []),
    ("/// Does.\n\npackage let a = 1", [3]), ("///\npackage let a = 1", [2]),
    ("// Does.\npackage let a = 1", [2]), ("/// Does.\n// SAFETY: so.\npackage let a = 1", []),
    ("struct A {}", [1]), ("private struct A {}", []), ("func f() {}", []),
    ("/// Is.\nstruct A {\n  package init() {}\n  struct B {}\n}", [3]),
    ("/// Is.\npackage enum A {\n  case b\n  /// Is.\n  case c, d\n}", [3]),
    ("/// Is.\nenum A {\n  case b\n}", []),
    ("/// Is.\npackage protocol P {\n  func f()\n  /// Is.\n  var a: Int { get }\n}", [3]),
    ("package extension Int {\n  var b: Int { 1 }\n}", [2]),
    ("/// Is.\nopen class A {\n  open override func f() {}\n  open var a = 1\n}", [4]),
    ("/// Is.\npackage struct A {\n  package var description: String { \"\" }\n}", []),
    ("/// Does.\npackage func f() {\n  package let a = 1\n}", []),
    ("/// Is.\npackage struct A {\n  package private(set) var b = 1\n  private var c = 1\n}", [3]),
    ("/// Is.\npackage typealias A = @Sendable (Int) -> Void\npackage typealias B = Int", [3]),
  ])
  func `a missing comment is found`(text: String, lines: [Int]) {
    #expect(DocComments.missing(SwiftFile(path: "a", text: text)).map(\.line) == lines)
  }
}
