import TestSupport
import Testing

/// The four sets of options under which answers were recorded, with a running server for each.
enum GoldenVariant: Int, CaseIterable, Sendable, CustomTestStringConvertible {
  case v1 = 1
  case v2, v3, v4

  var testDescription: String { "V\(rawValue)" }

  /// The recorded answers.
  func file() throws -> GoldenFile {
    try GoldenFile(Fixture.text("golden/answers-V\(rawValue).txt"))
  }

  /// The Corefile with the recorded world as manifests, and the recorded upstream's zone behind.
  func corefile(port: UInt16, upstream: String, template: String) -> String {
    template.replacing("{port}", with: String(port))
      .replacing("{world}", with: Fixture.path("golden/world.yaml"))
      .replacing("{upstream}", with: upstream)
  }

  /// The server with these options, started when first asked for and shared by all tests.
  func server() throws -> Daemon {
    switch self {
    case .v1: try Self.server1.get()
    case .v2: try Self.server2.get()
    case .v3: try Self.server3.get()
    case .v4: try Self.server4.get()
    }
  }

  private static let server1 = Result { try v1.start() }
  private static let server2 = Result { try v2.start() }
  private static let server3 = Result { try v3.start() }
  private static let server4 = Result { try v4.start() }

  private func start() throws -> Daemon {
    let template = try Fixture.text("golden/Corefile.V\(rawValue)")
    let upstream = try AuthoritativeServer.shared().text
    return try Daemon { corefile(port: $0, upstream: upstream, template: template) }
  }
}
