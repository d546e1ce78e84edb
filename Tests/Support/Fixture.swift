import Foundation

/// Files of Tests/Fixtures and of the repository, found from where this source file lies.
package enum Fixture {
  /// The top folder of the repository.
  package static let repositoryRoot = URL(fileURLWithPath: #filePath)
    .resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The absolute path of a fixture such as `golden/world.yaml`.
  package static func path(_ name: String) -> String {
    repositoryRoot.appendingPathComponent("Tests/Fixtures/\(name)").path
  }

  /// The text of a fixture.
  package static func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  /// The text of a file of the repository, such as `docs/CONFORMANCE.md`; nil without one.
  package static func repositoryText(_ name: String) -> String? {
    try? String(contentsOfFile: repositoryRoot.appendingPathComponent(name).path, encoding: .utf8)
  }
}
