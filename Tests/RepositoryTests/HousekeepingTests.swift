import Testing

@Suite struct HousekeepingTests {
  private static let programs = Repository.paths.filter {
    ($0.hasPrefix("scripts/") || $0.hasPrefix(".ci/")) && !$0.hasSuffix(".proto")
  }

  @Test func `build products are ignored`() throws {
    let lines = Set(
      try #require(Repository.text(".gitignore")).split(separator: "\n").map(String.init))
    #expect(
      lines.contains { [ForbiddenText.buildFolder, "\(ForbiddenText.buildFolder)/"].contains($0) })
    #expect(lines.contains("Package.resolved"))
  }

  @Test func `there are scripts`() {
    #expect(Self.programs.contains("scripts/test"))
    #expect(Self.programs.contains(".ci/run"))
  }

  @Test(arguments: programs)
  func `a script can be run`(path: String) throws {
    #expect(Repository.isExecutable(path), "\(path): may not be run (chmod +x)")
    expectNone(Self.missingShebang(path, try #require(Repository.text(path))))
  }

  @Test func `the checks of a change are those of the scripts`() throws {
    let lines = try #require(Repository.text(".ci/run")).split(separator: "\n")
    #expect(
      lines.contains { !$0.hasPrefix("#") && $0.split(separator: " ").contains("scripts/test") },
      ".ci/run does not call scripts/test")
  }

  /// A program says in its first line what runs it.
  private static func missingShebang(_ path: String, _ text: String) -> [Finding] {
    text.hasPrefix("#!/usr/bin/env ") || text.hasPrefix("#!/bin/sh\n")
      ? [] : [Finding(path, 1, "no #! line")]
  }

  // MARK: - The scanners find what is wrong

  @Test(arguments: [
    ("#!/usr/bin/env bash\n", 0), ("#!/bin/sh\n", 0), ("# A script.\n#!/bin/sh\n", 1), ("", 1),
  ])
  func `a missing first line is found`(text: String, count: Int) {
    #expect(Self.missingShebang("a", text).count == count)
  }
}
