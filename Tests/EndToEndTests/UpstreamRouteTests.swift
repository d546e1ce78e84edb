import TestSupport
import Testing

/// What is forwarded, and what is not: fallthrough, exceptions, the time before the first sync.
@Suite struct UpstreamRouteTests {
  private static func pointer(_ asked: UpstreamQuestion) -> [UpstreamStep] {
    guard asked.type == Query.Kind.ptr.rawValue else { return [.send(asked.noData)] }
    let record = RecordDraft.record(
      RecordDraft.questionName, type: 12, data: Octets.name("host.outside.test"))
    return [.send(asked.empty.with { $0.answer = [record] })]
  }

  private static let reverseZones = "cluster.local in-addr.arpa ip6.arpa"

  @Test(arguments: [
    ("1.0.96.10.in-addr.arpa.", false), ("9.9.96.10.in-addr.arpa.", true),
    ("1.2.0.192.in-addr.arpa.", true), ("8.b.d.0.1.0.0.2.ip6.arpa.", true),
    ("nothing.default.svc.cluster.local.", false),
  ])
  func `reverse names that are not the cluster's fall through`(
    name: String, isForwarded: Bool
  ) throws {
    let upstream = try EvilUpstream(behavior: Self.pointer)
    let server = try UpstreamServer(
      "forward . \(upstream.text)", zones: Self.reverseZones,
      options: "fallthrough in-addr.arpa ip6.arpa")
    let message = try server.ask(name, .ptr)
    #expect(upstream.received(for: name).isEmpty == !isForwarded)
    let hosts = message.records(in: .answer).map(\.data)
    #expect(hosts.contains("host.outside.test.") == isForwarded)
    if name.hasPrefix("1.0.96") { #expect(hosts == [UpstreamServer.clusterName]) }
  }

  @Test func `without fallthrough nothing falls through`() throws {
    let upstream = try EvilUpstream(behavior: Self.pointer)
    let server = try UpstreamServer("forward . \(upstream.text)", zones: Self.reverseZones)
    #expect(try server.ask("9.9.96.10.in-addr.arpa.", .ptr).responseCode == 3)
    #expect(upstream.received(for: "9.9.96.10.in-addr.arpa.").isEmpty)
  }

  /// A name of the cluster must not leak, nor its denial be kept, before the cluster is known. The
  /// world is so large that the server starts to answer before it has read all of it.
  @Test func `nothing falls through before the first sync`() throws {
    let upstream = try EvilUpstream(behavior: Self.pointer)
    let folder = try TemporaryFolder()
    let manifests = try folder.write(Self.largeWorld(), to: "cluster.yaml")
    let daemon = try Daemon(folder: folder, readiness: .answers) { port in
      """
      .:\(port) {
          errors
          kubernetes \(Self.reverseZones) {
              manifests \(manifests)
              fallthrough
          }
          cache
          forward . \(upstream.text)
      }

      """
    }
    func ask(_ name: String) throws -> ParsedMessage {
      try ParsedMessage(daemon.client.udp(Query(name, .ptr, payloadSize: 1232).bytes))
    }
    let inside = "250.199.96.10.in-addr.arpa."
    let outside = "9.9.97.10.in-addr.arpa."
    var unsynced: [ParsedMessage] = []
    let isSynced = try waitUntil(.seconds(60)) {
      let messages = [try ask(outside), try ask(inside)]
      if messages.allSatisfy({ $0.responseCode == 0 }) { return true }
      unsynced += messages.filter { $0.responseCode != 0 }
      return false
    }
    #expect(isSynced && upstream.received(for: inside).isEmpty)
    #expect(unsynced.allSatisfy { $0.responseCode == 2 })
    #expect(unsynced.allSatisfy { UpstreamServer.extendedErrors($0) == [14] })
    #expect(try ask(inside).records(in: .answer).map(\.data) == [ManifestWorld.name("s49999")])
    #expect(
      try ask(outside).records(in: .answer).map(\.data) == ["host.outside.test."])
  }

  /// Fifty thousand services, which take seconds to read.
  private static func largeWorld() -> String {
    var text = "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n"
    for n in 0..<50_000 {
      let address = "10.96.\(n / 250).\(n % 250 + 1)"
      text += """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: s\(n), namespace: shop}
        spec: {clusterIP: \(address), clusterIPs: [\(address)], ports: [{port: 80}]}

        """
    }
    return text
  }

  @Test func `excepted names are not forwarded`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer(
      "forward . \(upstream.text) {\nexcept private.test other.example\n}")
    #expect(try server.ask("ok.test.").isGood)
    #expect(try server.ask("ok.notprivate.test.").isGood)
    for name in ["private.test.", "ok.PRIVATE.test.", "ok.other.example."] {
      #expect([2, 5].contains(try server.ask(name).responseCode), "\(name)")
      #expect(upstream.received(for: name).isEmpty)
    }
  }

  /// A forward to itself: the names that it would take fail, and nothing else does.
  @Test(arguments: ["loop", ""])
  func `a forward to itself harms nothing else`(directive: String) throws {
    let upstream = try EvilUpstream()
    let folder = try TemporaryFolder()
    let world = try folder.write(
      ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "world.yaml")
    let daemon = try Daemon(folder: folder, readiness: .synced) { port in
      """
      .:\(port) {
          errors
          \(directive)
          kubernetes cluster.local {
              manifests \(world)
          }
          forward . 127.0.0.1:\(port)
      }
      good.test:\(port) {
          forward . \(upstream.text)
      }

      """
    }
    func ask(_ name: String) throws -> ParsedMessage {
      try ParsedMessage(daemon.client.udp(Query(name, .a, payloadSize: 1232).bytes))
    }
    for round in 0..<5 {
      let message = try ask("ok.round\(round).test.")
      #expect(message.responseCode == 2)
      #expect(!UpstreamServer.extendedErrors(message).isEmpty)
      #expect(try ask("ok.round\(round).good.test.").isGood)
      #expect(try ask(ManifestWorld.name("tea")).addresses == ["10.96.1.1"])
    }
    let crowd = (1...500).map {
      Query("ok.crowd\($0).test.", .a, id: UInt16($0), payloadSize: 1232).bytes
    }
    _ = try QueryBurst.ask(crowd, of: daemon.client)
    #expect(daemon.end == nil)
    #expect(try ask("ok.after.good.test.").isGood)
    if directive == "loop" { #expect(daemon.output.lowercased().contains("loop")) }
  }
}
