import Testing

@Suite struct ForbiddenTests {
  /// The helpers that all waiting goes through: each looks at a condition between its pauses.
  private static let sleepingFiles: Set = ["Tests/Support/Deadline.swift"]

  @Test func `nothing traps on purpose`() {
    expectNone(Repository.sources.flatMap(ForbiddenCode.traps))
  }

  @Test func `only the command prints`() {
    let files = Repository.sources.filter { $0.target != "swiftlet" }
    expectNone(files.flatMap(ForbiddenCode.prints))
  }

  @Test func `tests see what other targets see`() {
    expectNone(Repository.tests.flatMap(ForbiddenCode.testableImports))
  }

  @Test func `tests do not sleep`() {
    let files = Repository.tests.filter { !Self.sleepingFiles.contains($0.path) }
    expectNone(files.flatMap(ForbiddenCode.sleeps))
  }

  @Test(arguments: sleepingFiles.sorted())
  func `every file that may sleep does`(path: String) throws {
    let file = try #require(Repository.tests.first { $0.path == path })
    #expect(!ForbiddenCode.sleeps(file).isEmpty)
  }

  @Test func `nothing is left to do`() {
    expectNone(Repository.textFiles.flatMap(ForbiddenText.unfinished))
  }

  @Test func `no file knows the machine it was written on`() {
    expectNone(Repository.textFiles.flatMap(ForbiddenText.machinePaths))
  }

  @Test func `no code knows where it is built`() {
    let files = Repository.textFiles.filter { $0.path.hasSuffix(".swift") }
    expectNone(files.flatMap(ForbiddenText.buildPaths))
  }

  @Test func `hosts of packages stand in the manifest alone`() {
    let files = Repository.textFiles.filter { $0.path != "Package.swift" }
    expectNone(files.flatMap(ForbiddenText.hostNames))
  }

  // MARK: - The scanners find what is wrong

  @Test(arguments: [
    ("fatalError()", 1), ("let a = b!", 1), ("b![0]!.c", 2), ("f()!", 1), ("try! f()", 1),
    ("a as! B", 1), ("var a: Int!", 1), ("a != b", 0), ("!a && !b.c", 0), ("f(!a)", 0),
    ("\"a!\" // b!", 0), ("\"\\(a!)\"", 1), ("[a]!", 1), ("a! != b", 1), ("a!==b", 0),
  ])
  func `a trap is found`(text: String, count: Int) {
    #expect(ForbiddenCode.traps(SwiftFile(path: "a", text: text)).count == count)
  }

  @Test(arguments: [
    ("print(a)", 1), ("Swift.print(a)", 1), ("debugPrint(a)", 1), ("let print = a", 0),
    ("reprint(a)", 0), ("// print(a)", 0), ("f(\"print(\")", 0),
  ])
  func `a print is found`(text: String, count: Int) {
    #expect(ForbiddenCode.prints(SwiftFile(path: "a", text: text)).count == count)
  }

  @Test func `a testable import is found`() {
    let file = SwiftFile(path: "a", text: "import A\n@testable import B\n// @testable\n")
    #expect(ForbiddenCode.testableImports(file).map(\.line) == [2])
  }

  @Test(arguments: [
    ("sleep(1)", 1), ("usleep(1)", 1), ("try await Task.sleep(for: .seconds(1))", 1),
    ("nanosleep(&a, nil)", 1), ("asleep(1)", 0), ("let sleep = 1", 0), ("// sleep(1)", 0),
  ])
  func `a sleep is found`(text: String, count: Int) {
    #expect(ForbiddenCode.sleeps(SwiftFile(path: "a", text: text)).count == count)
  }

  @Test(arguments: ForbiddenText.unfinishedMarks)
  func `unfinished work is found`(mark: String) {
    let text = "a\n// \(mark): b\n\(mark)\nname.\(mark)\(mark)\n"
    #expect(ForbiddenText.unfinished(TextFile(path: "a", text: text)).map(\.line) == [2, 3])
  }

  @Test(arguments: ForbiddenText.machineFolders)
  func `a path of a machine is found`(folder: String) {
    let text = "\"\(folder)/a\"\n\(folder)\n\(folder)ers\na\(folder)\n$a}\(folder)\n"
    #expect(ForbiddenText.machinePaths(TextFile(path: "a", text: text)).map(\.line) == [1, 2])
  }

  @Test func `a path of build products is found`() {
    let folder = ForbiddenText.buildFolder
    let text = "\"\(folder)/debug\"\n\(folder)er\na\(folder)()\n\"a/\(folder)\"\n"
    #expect(ForbiddenText.buildPaths(TextFile(path: "a", text: text)).map(\.line) == [1, 4])
  }

  @Test(arguments: ForbiddenText.hosts)
  func `a host of packages is found`(host: String) {
    let text = "https://\(host)/a\nnot\(host)\n\"\(host)\"\n"
    #expect(ForbiddenText.hostNames(TextFile(path: "a", text: text)).map(\.line).contains(1))
    #expect(ForbiddenText.hostNames(TextFile(path: "a", text: "not\(host)s")).isEmpty)
  }
}
