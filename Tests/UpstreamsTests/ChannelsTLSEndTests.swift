import Foundation
import TestSupport
import Testing
import Upstreams

/// TLS channels that end early, in every state and from either side, many times.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ChannelsTLSEndTests {
  /// Descriptors of this process.
  private var descriptorCount: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
  }

  /// How far a channel gets before its end.
  enum Stage: Int, CaseIterable {
    case opened, queued, connected, greeted, served
  }

  /// Other tests open descriptors meanwhile, but not so many.
  @Test func `a thousand early ends leave nothing behind`() throws {
    let fixture = try TestCertificate.named.get()
    let bench = try ChannelsBench(tls: fixture.settings())
    let peer = try TLSPeer(fixture)
    let upstream = Loopback.upstream(peer.network.address, .tls(serverName: "dns.example"))
    let before = descriptorCount
    var failureCount = 0
    for round in 0..<1000 {
      let stage = try #require(Stage(rawValue: round % Stage.allCases.count))
      let channel = try #require(bench.channels.open(.stream, to: upstream))
      try advance(bench, peer, channel, to: stage)
      if round / Stage.allCases.count % 2 == 0 {
        bench.channels.close(channel)
      } else {
        peer.network.end(isAbrupt: round % 3 == 0)
        if stage.rawValue >= Stage.connected.rawValue {
          failureCount += 1
          #expect(bench.run { bench.events.failures.count == failureCount })
        } else {
          bench.channels.close(channel)
        }
      }
      #expect(bench.channels.openCount == 0)
      // The next connection must not meet this one's rest.
      #expect(try bench.run(peer.network.turn) { peer.network.isEnded })
      peer.forget()
    }
    #expect(bench.events.failures.count == failureCount)
    #expect(failureCount == 300)
    #expect(descriptorCount - before < 300)
  }

  private func advance(
    _ bench: ChannelsBench, _ peer: TLSPeer, _ channel: UInt64, to stage: Stage
  ) throws {
    guard stage != .opened else { return }
    #expect(bench.channels.send([1, 2, 3], on: channel))
    switch stage {
    case .opened, .queued: break
    case .connected: #expect(try bench.run(peer.network.turn) { !peer.network.received.isEmpty })
    // The server's part is on its way.
    case .greeted:
      #expect(try bench.run(peer.network.turn) { !peer.network.received.isEmpty })
      try peer.turn()
    case .served: #expect(try bench.run(peer.turn) { peer.received.count == 5 })
    }
  }
}
