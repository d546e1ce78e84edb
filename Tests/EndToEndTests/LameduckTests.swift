import Glibc
import TestSupport
import Testing

/// What signals do to the bare binary: how long it goes on, what it says meanwhile, how it ends.
@Suite struct LameduckTests {
  private let health: UInt16
  private let ready: UInt16
  private let folder: TemporaryFolder

  init() throws {
    health = try freePort()
    ready = try freePort()
    folder = try TemporaryFolder()
    try folder.write(ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "world.yaml")
  }

  private func daemon(lameduck: String) throws -> Daemon {
    let daemon = try Daemon(folder: folder) { port in
      """
      .:\(port) {
          health 127.0.0.1:\(health) {
              lameduck \(lameduck)
          }
          ready 127.0.0.1:\(ready)
          kubernetes cluster.local {
              manifests \(folder.path("world.yaml"))
          }
      }

      """
    }
    let isUp = waitUntil(.seconds(60)) {
      (try? HTTPPage.get("/health", port: health).status) == 200
        && (try? HTTPPage.get("/ready", port: ready).status) == 200
    }
    try #require(isUp, "\(daemon.output)")
    return daemon
  }

  private func expectAnswer(_ daemon: Daemon, _ name: String) throws {
    let reply = try daemon.client.udp(Query(ManifestWorld.name(name), .a).bytes)
    #expect(try ParsedMessage(reply).records.map(\.data) == ["10.96.1.1"])
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `it answers on, is not ready and sees changes, then ends with 0`(signal: Int32) throws {
    let daemon = try daemon(lameduck: "10s")
    daemon.send(signal: signal)
    let isUnready = waitUntil(.seconds(4)) {
      (try? HTTPPage.get("/ready", port: ready)) == HTTPPage(status: 503, body: "Shutting down")
    }
    #expect(isUnready)
    #expect(try HTTPPage.get("/health", port: health) == HTTPPage(status: 200, body: "OK"))
    try expectAnswer(daemon, "tea")
    // What changes in the cluster is still followed.
    try folder.write(
      ManifestWorld(addresses: ["tea": "10.96.1.1", "cake": "10.96.1.1"]).text, to: "world.yaml")
    let isFollowed = try waitUntil(.seconds(4)) {
      let reply = try daemon.client.udp(Query(ManifestWorld.name("cake"), .a).bytes)
      return try !ParsedMessage(reply).records.isEmpty
    }
    #expect(isFollowed)
    #expect(daemon.waitForEnd(.seconds(60)) == .exit(0), "\(daemon.output)")
    #expect(daemon.output.contains("plugin/health: going on for 10s before the end"))
  }

  @Test func `a second interrupt ends it at once with 2`() throws {
    let daemon = try daemon(lameduck: "1h")
    daemon.send(signal: SIGTERM)
    let isEnding = waitUntil(.seconds(60)) { daemon.output.contains("going on for 1h") }
    #expect(isEnding)
    // The signal may come a moment before it is listened to.
    let hasEnded = waitUntil(.seconds(60)) {
      daemon.send(signal: SIGINT)
      return daemon.end != nil
    }
    #expect(hasEnded)
    #expect(daemon.waitForEnd() == .exit(2))
  }

  @Test func `SIGQUIT ends it at once with 0`() throws {
    let daemon = try daemon(lameduck: "1h")
    daemon.send(signal: SIGQUIT)
    #expect(daemon.waitForEnd() == .exit(0))
  }
}
