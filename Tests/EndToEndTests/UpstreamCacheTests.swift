import TestSupport
import Testing

/// What is kept of answers of upstreams, and what never is.
@Suite struct UpstreamCacheTests {
  @Test func `TTLs count down`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("cache\nforward . \(upstream.text)")
    let first = try server.ask("ok.ttl.test.").records(in: .answer).map(\.ttl)
    #expect(first == [60])
    let hasAged = try waitUntil(.seconds(60)) {
      try server.ask("ok.ttl.test.").records(in: .answer).map(\.ttl).allSatisfy { $0 < 60 }
    }
    #expect(hasAged && upstream.received(for: "ok.ttl.test.").count == 1)
  }

  @Test func `the question comes back in each client's case`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("cache\nforward . \(upstream.text)")
    for name in ["ok.case.test.", "OK.CASE.TEST.", "oK.cAsE.tEsT."] {
      let message = try server.ask(name)
      #expect(message.questions.map(\.name) == [name] && message.isGood)
    }
    #expect(upstream.received(for: "ok.case.test.").count == 1)
  }

  /// CVE-2024-0874: an answer to a query with CD must not be given to one without.
  @Test func `DO and CD have answers of their own`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("cache\nforward . \(upstream.text)")
    let variants: [(UInt16, UInt16)] = [
      (0x0100, 0), (0x0110, 0), (0x0100, 0x8000), (0x0110, 0x8000),
    ]
    for _ in 0..<3 {
      for (flags, ednsFlags) in variants {
        let query = Query(
          "ok.key.test.", type: 1, id: 4, flags: flags, edns: RecordDraft.edns(flags: ednsFlags))
        let message = try ParsedMessage(server.client.udp(query.bytes))
        #expect(message.isGood && message.header.has(.cd) == (flags & 0x0010 != 0))
        #expect(message.edns?.dnssecOK == (ednsFlags != 0))
      }
    }
    #expect(upstream.received(for: "ok.key.test.").count == 4)
  }

  /// An answer that was kept for a client with EDNS serves one without, and the other way round.
  @Test func `clients with and without EDNS share answers`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("cache\nforward . \(upstream.text)")
    let sizes: [UInt16?] = [nil, 1232, nil, 512, 4096]
    for (index, size) in sizes.enumerated() {
      let query = Query("ok.edns.test.", .a, id: UInt16(index), payloadSize: size).bytes
      let message = try ParsedMessage(
        index == 2 ? server.client.tcp(query) : server.client.udp(query))
      #expect(message.isGood && (message.edns == nil) == (size == nil))
    }
    #expect(upstream.received(for: "ok.edns.test.").count <= 2)
  }

  /// A large answer is kept whole, whoever asked first.
  @Test func `an answer that was cut for one client is whole for the next`() throws {
    let upstream = try EvilUpstream()
    let server = try UpstreamServer("cache\nforward . \(upstream.text)")
    for _ in 0..<2 {
      let short = try server.ask("tc.cut.test.")
      #expect(short.header.has(.tc) && short.byteCount <= 1232)
      let query = Query("tc.cut.test.", .a, id: 6).bytes
      #expect(try ParsedMessage(server.client.tcp(query)).addresses.count == 90)
    }
  }

  /// The store is the cache of the cluster's names; a second one before it would be stale.
  @Test func `names of the cluster are never kept`() throws {
    let upstream = try EvilUpstream()
    let folder = try TemporaryFolder()
    let world = try folder.write(
      ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "cluster.yaml")
    let daemon = try Daemon(folder: folder) { port in
      """
      .:\(port) {
          errors
          cache 3600
          kubernetes cluster.local {
              manifests \(world)
              ttl 3600
          }
          forward . \(upstream.text)
      }

      """
    }
    func ask(_ service: String) throws -> [String] {
      let query = Query(ManifestWorld.name(service), .a).bytes
      return try ParsedMessage(daemon.client.udp(query)).addresses
    }
    for _ in 0..<3 {
      #expect(try ask("tea") == ["10.96.1.1"])
      #expect(try ask("cake") == [])
    }
    let changed = ManifestWorld(addresses: ["tea": "10.96.1.9", "cake": "10.96.1.3"])
    try folder.replace("cluster.yaml", with: changed.text)
    #expect(
      try waitUntil(.seconds(60)) {
        try ask("tea") == ["10.96.1.9"] && ask("cake") == ["10.96.1.3"]
      })
    #expect(upstream.received.allSatisfy { !$0.name.hasSuffix("svc.cluster.local.") })
  }
}
