import Foundation
import PluginChain
import Plugins
import TestSupport
import Testing
import Upstreams

/// A follower that runs for the length of a test.
final class FollowerRun: Sendable {
  /// The follower.
  let follower: UpstreamFollower
  /// What it logs.
  let log = RecordingLog()

  /// A follower for the directive `forward . TARGETS` with lines in its block.
  init(
    _ targets: String, _ lines: String = "",
    _ change: (inout UpstreamFollower.Settings) -> Void = { _ in }
  ) throws {
    let configuration = try ForwardReading.configuration("forward . \(targets) {\n\(lines)\n}")
    var settings = UpstreamFollower.Settings()
    // Looks by the clock would hide that events are missed.
    settings.fileLookInterval = 3_600_000_000_000
    settings.systemFile = "/none/resolv.conf"
    change(&settings)
    follower = UpstreamFollower(configuration, log: log, settings: settings)
  }

  /// The upstreams as they are now.
  var upstreams: [String] { follower.directory.current().upstreams.map(\.text) }

  /// Starts, follows while `body` runs, and ends.
  func following(_ body: () async throws -> Void) async throws {
    try await follower.prepare(.serve)
    let (starts, continuation) = AsyncStream<Void>.makeStream()
    let task = Task { [follower] in
      continuation.yield()
      await follower.run()
    }
    for await _ in starts { break }
    do {
      try await body()
    } catch {
      task.cancel()
      throw error
    }
    task.cancel()
    await task.value
  }

  /// What keeps the follower from starting; empty when nothing does.
  func startFailure() async -> String {
    do {
      try await follower.prepare(.serve)
      return ""
    } catch {
      return "\(error)"
    }
  }

  /// Waits until the upstreams are these.
  func expect(_ wanted: [String]) async {
    let isThere = await eventually { self.upstreams == wanted }
    #expect(isThere, "\(upstreams), expected \(wanted); log: \(log.lines)")
  }

  /// Waits until a line is in the log.
  func expectLine(_ line: String) async {
    let isThere = await eventually { self.log.lines.contains(line) }
    #expect(isThere, "\(log.lines), expected \(line)")
  }
}
