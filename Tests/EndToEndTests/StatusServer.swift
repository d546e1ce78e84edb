import Foundation
import TestSupport
import Testing

/// The server with its status pages on a port of its own.
struct StatusServer {
  let daemon: Daemon
  /// The port of the pages.
  let port: UInt16

  /// Serves `corefile` of its DNS port; in `folder` stand the files that it names.
  init(
    folder: TemporaryFolder? = nil, port: UInt16? = nil, _ corefile: (UInt16) -> String
  ) throws {
    let port = try port ?? freePort()
    self.port = port
    daemon = try Daemon(
      folder: folder, arguments: ["-status", "127.0.0.1:\(port)"], readiness: .answers,
      corefile: corefile)
  }

  /// The address of the pages.
  var address: String { "127.0.0.1:\(port)" }

  /// Whether the pages are there, once they are.
  var isServing: Bool { waitUntil(.seconds(60)) { (try? page("/")) != nil } }

  /// Asks for a page.
  func page(_ path: String) throws -> HTTPPage { try HTTPPage.get(path, port: port) }

  /// Runs `explain --running` against this server.
  func explain(_ words: String...) throws -> CommandResult {
    try CommandResult.run(["explain", "--running", address] + words, in: daemon.folder)
  }

  /// The failures that are remembered, as JSON.
  func failures() throws -> [[String: Any]] {
    let page = try page("/failures?format=json")
    let object = try JSONSerialization.jsonObject(with: Data(page.body.utf8)) as? [String: Any]
    return try #require(object?["failures"] as? [[String: Any]], "\(page.body)")
  }
}
