import DNSWire
import PluginChain
import Testing

/// Names without an answer: NODATA, NXDOMAIN, what falls through, and the time before the first
/// read.
@Suite struct KubernetesNegativeTests {
  /// Names that exist and have nothing of the type asked.
  static let noData: [(name: String, type: RRType)] = [
    ("web.shop.svc.cluster.local.", .txt), ("web.shop.svc.cluster.local.", .cname),
    ("web.shop.svc.cluster.local.", .soa), ("web.shop.svc.cluster.local.", .ns),
    ("web.shop.svc.cluster.local.", RRType(rawValue: 65_280)),
    ("10-244-0-2.db.shop.svc.cluster.local.", .aaaa),
    // Names with names below them only (RFC 8020 §2, RFC 4592 §2.2.2).
    ("svc.cluster.local.", .a), ("shop.svc.cluster.local.", .a), ("void.svc.cluster.local.", .a),
    ("_tcp.web.shop.svc.cluster.local.", .srv), ("_udp.web.shop.svc.cluster.local.", .a),
    ("pod.cluster.local.", .a), ("dns.cluster.local.", .a), ("cluster.local.", .a),
    ("dns-version.cluster.local.", .a), ("cluster.local.", RRType(rawValue: 43)),
    ("96.10.in-addr.arpa.", .ptr), ("10.in-addr.arpa.", .ptr), ("1.0.96.10.in-addr.arpa.", .a),
    ("d.f.ip6.arpa.", .ptr),
  ]

  @Test(arguments: noData)
  func `no data`(name: String, type: RRType) async throws {
    let reply = try await ClusterServer.make(more: "whoami").reply(name, type)
    #expect(reply.code == .noError)
    #expect(reply.flags == "qr aa rd")
    #expect(reply.answer == [] && reply.additional == [])
    let zone = ["cluster.local.", "10.in-addr.arpa.", "ip6.arpa."].first { name.hasSuffix($0) }
    #expect(reply.authority == [ClusterServer.startOfAuthority(zone ?? "")])
  }

  static let missing = [
    "x.cluster.local.", "no.shop.svc.cluster.local.", "web.no.svc.cluster.local.",
    "no.svc.cluster.local.", "none.shop.svc.cluster.local.", "x.web.shop.svc.cluster.local.",
    "_tcp.db.shop.svc.cluster.local.x.cluster.local.", "_no._tcp.web.shop.svc.cluster.local.",
    "_http._udp.web.shop.svc.cluster.local.", "_http._sctp.web.shop.svc.cluster.local.",
    "__http._tcp.web.shop.svc.cluster.local.", "http.http.web.shop.svc.cluster.local.",
    "_._tcp.web.shop.svc.cluster.local.", "*._tcp.web.shop.svc.cluster.local.",
    "x._http._tcp.web.shop.svc.cluster.local.", "*.shop.svc.cluster.local.",
    "web.shop.pod.cluster.local.", "10-244-0-1.web.shop.svc.cluster.local.",
    "10-244-0-1.shop.pod.cluster.local.", "web.shop.cluster.local.",
    "web.shop.svc.svc.cluster.local.",
    "2.0.96.10.in-addr.arpa.", "0.1.0.96.10.in-addr.arpa.", "97.10.in-addr.arpa.", "f.f.ip6.arpa.",
    "web\\.shop.svc.cluster.local.", "\\000.svc.cluster.local.",
  ]

  @Test(arguments: missing)
  func `no such name, for every type`(name: String) async throws {
    let server = try await ClusterServer.make(more: "whoami")
    let zone = ["cluster.local.", "10.in-addr.arpa.", "ip6.arpa."].first { name.hasSuffix($0) }
    for type in [RRType.a, .aaaa, .srv, .any, .soa, .ns, .cname, .ptr, RRType(rawValue: 4_711)] {
      let reply = try server.reply(name, type)
      #expect(reply.code == .nameError, "\(type)")
      #expect(reply.flags == "qr aa rd")
      #expect(reply.answer == [] && reply.additional == [])
      #expect(reply.authority == [ClusterServer.startOfAuthority(zone ?? "")])
    }
  }

  @Test func `the longest names are looked up like any other`() async throws {
    let server = try await ClusterServer.make("pods insecure")
    let label = String(repeating: "a", count: 63)
    for name in [
      "\(label).\(label).\(label).\(String(repeating: "b", count: 47)).cluster.local.",
      "\(label).tcp.\(label).\(label).svc.cluster.local.",
      "\(label)._tcp.\(label).\(label).svc.cluster.local.",
      "\(label).\(label).pod.cluster.local.",
      String(repeating: "a.", count: 120) + "cluster.local.",
    ] {
      #expect(try server.reply(name, .srv).code == .nameError, "\(name)")
    }
  }

  // MARK: - Falling through

  /// Options, and for a missing name of each zone whether it falls through to `whoami`.
  static let fallthroughs: [(options: String, cluster: Bool, reverse: Bool)] = [
    ("", false, false), ("fallthrough", true, true), ("fallthrough .", true, true),
    ("fallthrough in-addr.arpa ip6.arpa", false, true), ("fallthrough 10.0.0.0/8", false, true),
    ("fallthrough cluster.local", true, false), ("fallthrough x.cluster.local", true, false),
    ("fallthrough y.cluster.local", false, false), ("fallthrough example.org", false, false),
  ]

  @Test(arguments: fallthroughs)
  func `what falls through`(options: String, cluster: Bool, reverse: Bool) async throws {
    let server = try await ClusterServer.make(options, more: "whoami")
    for (name, falls) in [("a.x.cluster.local.", cluster), ("9.9.9.10.in-addr.arpa.", reverse)] {
      for type in [RRType.a, .soa, .ptr] {
        let reply = try server.reply(name, type)
        #expect(reply.code == (falls ? .noError : .nameError), "\(name) \(type)")
        #expect(reply.additional.count == (falls ? 2 : 0))
        #expect(reply.authority.count == (falls ? 0 : 1))
      }
    }
    // What exists does not fall through, whatever it has.
    for name in ["svc.cluster.local.", "96.10.in-addr.arpa.", "cluster.local."] {
      let reply = try server.reply(name, .mx)
      #expect(reply.code == .noError && reply.authority.count == 1 && reply.additional == [])
    }
  }

  @Test func `what falls through to nobody is SERVFAIL without AA`() async throws {
    let reply = try await ClusterServer.make("fallthrough").reply(
      Ask("x.cluster.local.", payload: 1232))
    #expect(reply.code == .serverFailure)
    #expect(reply.flags == "qr rd")
    #expect(reply.answer == [] && reply.authority == [])
    let reason = try #require(reply.extendedError)
    #expect(reason != ExtendedError.notReady.rawValue)
  }

  @Test func `names outside of the zones are not this plugin's`() async throws {
    let server = try await ClusterServer.make(more: "whoami")
    for name in ["local.", "xcluster.local.", "11.in-addr.arpa.", "in-addr.arpa.", "arpa.", "."] {
      #expect(try server.reply(name).additional.count == 2, "\(name)")
    }
  }

  // MARK: - Before the first read

  @Test(arguments: ["", "fallthrough", "pods insecure"])
  func `nothing is known before the first read, and nothing falls through`(options: String)
    async throws
  {
    let server = try await ClusterServer.make(options, more: "whoami", isPrepared: false)
    for name in [
      "web.shop.svc.cluster.local.", "cluster.local.", "x.cluster.local.",
      "1.0.96.10.in-addr.arpa.", "10-0-0-1.shop.pod.cluster.local.", "ip6.arpa.",
    ] {
      for type in [RRType.a, .soa, .any] {
        let reply = try server.reply(Ask(name, type, payload: 1232))
        #expect(reply.code == .serverFailure)
        #expect(reply.flags == "qr rd")
        #expect(reply.answer == [] && reply.authority == [] && reply.additional == [])
        #expect(reply.extendedError == 14, "Not Ready (RFC 8914 §4.15)")
        let plain = try server.reply(name, type)
        #expect(plain.code == .serverFailure && plain.payload == nil)
      }
    }
    #expect(try server.reply("example.org.").additional.count == 2, "others are answered")
    for part in server.corefile.setup.parts { try await part.prepare(.serve) }
    #expect(try server.reply("web.shop.svc.cluster.local.").answers(.a) == ["10.96.0.1"])
  }
}
