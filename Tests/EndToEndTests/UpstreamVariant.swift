import TestSupport
import Testing

/// A way to run all modes of an upstream: how clients come and what the Corefile says.
enum UpstreamVariant: String, CaseIterable, Sendable, CustomTestStringConvertible {
  /// UDP with EDNS.
  case plain
  /// UDP without EDNS, and everything asked twice.
  case cached
  /// TCP.
  case stream
  /// UDP clients, TCP upstream.
  case forceTCP
  /// TCP clients, UDP upstream.
  case preferUDP

  var testDescription: String { rawValue }

  /// Whether clients come by TCP.
  var isStream: Bool { self == .stream || self == .preferUDP }

  /// The size that UDP clients tell; none without EDNS.
  var hasEDNS: Bool { self != .cached }

  /// The directives of a server block.
  func lines(_ upstream: EvilUpstream) -> String {
    switch self {
    case .plain, .stream: "forward . \(upstream.text)"
    case .cached: "cache\nforward . \(upstream.text)"
    case .forceTCP: "forward . \(upstream.text) {\nforce_tcp\n}"
    case .preferUDP: "forward . \(upstream.text) {\nprefer_udp\n}"
    }
  }
}

extension UpstreamMode: CustomTestStringConvertible {
  package var testDescription: String { "\(name): \(reason)" }
}

/// All modes asked at once under one variant, and what came of each.
struct UpstreamRun: Sendable {
  /// What came of one mode.
  struct Outcome: Sendable {
    let query: [UInt8]
    let first: [UInt8]?
    /// The reply to the same query again; only with a cache.
    var second: [UInt8]?
    /// Queries that the upstream had for the name, before and after the second asking.
    var upstreamCounts = (0, 0)
  }

  /// By the name of the mode.
  private(set) var outcomes: [String: Outcome] = [:]
  /// Replies to questions for the names that modes try to poison, by the name of the mode.
  private(set) var victims: [String: [UInt8]] = [:]
  /// The reply for the cluster's name after all.
  private(set) var cluster: [UInt8] = []
  /// Whether the server lived to the end.
  private(set) var isAlive = false

  /// The run of a variant, made when first asked for.
  static func shared(_ variant: UpstreamVariant) throws -> UpstreamRun {
    switch variant {
    case .plain: try plain.get()
    case .cached: try cached.get()
    case .stream: try stream.get()
    case .forceTCP: try forceTCP.get()
    case .preferUDP: try preferUDP.get()
    }
  }

  private static let plain = Result { try UpstreamRun(.plain) }
  private static let cached = Result { try UpstreamRun(.cached) }
  private static let stream = Result { try UpstreamRun(.stream) }
  private static let forceTCP = Result { try UpstreamRun(.forceTCP) }
  private static let preferUDP = Result { try UpstreamRun(.preferUDP) }

  /// Modes that spoil connections have a server block, and so upstream connections, of their own.
  private static func name(_ mode: UpstreamMode) -> String {
    let nonce = String(UInt32.random(in: .min ... .max), radix: 36)
    let zone = mode.breaksStream ? "\(mode.name).alone.test" : "test"
    return Query.mixedCase("\(mode.name).n\(nonce).\(zone).")
  }

  private init(_ variant: UpstreamVariant) throws {
    let upstream = try EvilUpstream()
    let lines = variant.lines(upstream)
    let alone = UpstreamMode.all.filter(\.breaksStream).map { ("\($0.name).alone.test", lines) }
    let server = try UpstreamServer(
      lines, blocks: Dictionary(alone) { first, _ in first })
    let transport: QueryBurst.Transport = variant.isStream ? .streams : .datagrams
    let edns = variant.hasEDNS ? RecordDraft.edns() : nil
    let names = UpstreamMode.all.map(Self.name)
    let queries = zip(UpstreamMode.all, names).enumerated().map { index, pair in
      Query(pair.1, type: pair.0.type, id: UInt16(index + 1), edns: edns).bytes
    }
    let replies = try QueryBurst.ask(queries, of: server.client, over: transport)
    for (index, mode) in UpstreamMode.all.enumerated() {
      outcomes[mode.name] = Outcome(query: queries[index], first: replies[index])
    }
    if variant == .cached { try askAgain(server, upstream, names) }
    let victims = UpstreamMode.all.enumerated().map { index, mode in
      Query(UpstreamMode.victim(of: mode.name), .a, id: UInt16(index + 1)).bytes
    }
    for (mode, reply) in zip(UpstreamMode.all, try QueryBurst.ask(victims, of: server.client)) {
      self.victims[mode.name] = reply
    }
    cluster = try server.client.udp(Query(UpstreamServer.clusterName, .a).bytes)
    isAlive = server.daemon.end == nil
  }

  private mutating func askAgain(
    _ server: UpstreamServer, _ upstream: EvilUpstream, _ names: [String]
  ) throws {
    let again = zip(UpstreamMode.all, names).filter { $0.0.keeping != .may }
    let before = again.map { upstream.received(for: $0.1).count }
    let queries = again.compactMap { outcomes[$0.0.name]?.query }
    let replies = try QueryBurst.ask(queries, of: server.client)
    for (index, pair) in again.enumerated() {
      let after = upstream.received(for: pair.1).count
      outcomes[pair.0.name]?.second = replies[index]
      outcomes[pair.0.name]?.upstreamCounts = (before[index], after)
    }
  }
}
