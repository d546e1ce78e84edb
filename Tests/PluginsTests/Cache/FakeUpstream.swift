import DNSWire
import PluginChain
import Synchronization

/// A record as a test writes it down.
struct FakeRecord: Sendable {
  let owner: String
  let type: RRType
  let ttl: UInt32
  /// RDATA before its names, the names, and RDATA behind them.
  let front: [UInt8]
  let names: [String]
  let back: [UInt8]

  private init(
    _ owner: String, _ type: RRType, _ ttl: UInt32, _ front: [UInt8], _ names: [String] = [],
    _ back: [UInt8] = []
  ) {
    (self.owner, self.type, self.ttl) = (owner, type, ttl)
    (self.front, self.names, self.back) = (front, names, back)
  }

  static func a(_ owner: String, _ ttl: UInt32, _ last: UInt8 = 1) -> FakeRecord {
    FakeRecord(owner, .a, ttl, [192, 0, 2, last])
  }

  static func aaaa(_ owner: String, _ ttl: UInt32, _ last: UInt8 = 1) -> FakeRecord {
    FakeRecord(owner, .aaaa, ttl, [0x20, 1, 0xD, 0xB8] + Array(repeating: 0, count: 11) + [last])
  }

  static func cname(_ owner: String, _ ttl: UInt32, _ target: String) -> FakeRecord {
    FakeRecord(owner, .cname, ttl, [], [target])
  }

  static func ns(_ owner: String, _ ttl: UInt32, _ server: String) -> FakeRecord {
    FakeRecord(owner, .ns, ttl, [], [server])
  }

  static func mx(_ owner: String, _ ttl: UInt32, _ preference: UInt8, _ host: String)
    -> FakeRecord
  {
    FakeRecord(owner, .mx, ttl, [0, preference], [host])
  }

  static func ptr(_ owner: String, _ ttl: UInt32, _ target: String) -> FakeRecord {
    FakeRecord(owner, .ptr, ttl, [], [target])
  }

  static func dname(_ owner: String, _ ttl: UInt32, _ target: String) -> FakeRecord {
    FakeRecord(owner, RRType(rawValue: 39), ttl, [], [target])
  }

  static func srv(_ owner: String, _ ttl: UInt32, _ port: UInt8, _ host: String) -> FakeRecord {
    FakeRecord(owner, .srv, ttl, [0, 0, 0, 100, 0, port], [host])
  }

  /// Order 1, preference 2, no strings.
  static func naptr(_ owner: String, _ ttl: UInt32, _ replacement: String) -> FakeRecord {
    FakeRecord(owner, RRType(rawValue: 35), ttl, [0, 1, 0, 2, 0, 0, 0], [replacement])
  }

  static func txt(_ owner: String, _ ttl: UInt32, _ count: UInt8) -> FakeRecord {
    FakeRecord(owner, .txt, ttl, [count] + Array(repeating: 0x61, count: Int(count)))
  }

  static func soa(_ owner: String, _ ttl: UInt32, minimum: UInt32) -> FakeRecord {
    let numbers = [1, 7200, 1800, 86_400, minimum].flatMap { number in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }
    return FakeRecord(owner, .soa, ttl, [], ["ns.example.", "host.example."], numbers)
  }

  /// Writes the record; whether it fit.
  func write(
    to reply: inout ReplyWriter, _ section: ReplyWriter.Section, question: DomainName,
    _ compressor: inout NameCompressor
  ) -> Bool {
    reply.beginRecord()
    let name = DomainName(text: owner) ?? .root
    if name == question { reply.append16(0xC00C) } else { compressor.append(name, to: &reply) }
    reply.append16(type.rawValue)
    reply.append16(1)
    reply.append32(ttl)
    let lengthOffset = reply.count
    reply.append16(0)
    for octet in front { reply.append8(octet) }
    for text in names {
      let name = DomainName(text: text) ?? .root
      // MX hosts are written out: the run must not be pointed into. The others are never pointers.
      if [15, 33, 35, 39].contains(type.rawValue) {
        reply.append(name.wire.span)
      } else {
        compressor.append(name, to: &reply)
      }
    }
    for octet in back { reply.append8(octet) }
    reply.patch16(UInt16(truncatingIfNeeded: reply.count - lengthOffset - 2), at: lengthOffset)
    return reply.endRecord(section)
  }
}

/// What an upstream answers.
struct FakeReply: Sendable {
  var code = ResponseCode.noError
  var answer: [FakeRecord] = []
  var authority: [FakeRecord] = []
  var additional: [FakeRecord] = []
  var isKeepable = true
  var isTruncated = false
  var isAuthentic = false
  /// The last CNAME's target is open.
  var hasOpenAlias = false

  /// NXDOMAIN with an SOA.
  static func nameError(_ minimum: UInt32 = 60, ttl: UInt32 = 3600) -> FakeReply {
    FakeReply(
      code: .nameError, authority: [.soa("example.", ttl, minimum: minimum)])
  }

  /// NODATA with an SOA.
  static func noData(_ minimum: UInt32 = 60, ttl: UInt32 = 3600) -> FakeReply {
    FakeReply(authority: [.soa("example.", ttl, minimum: minimum)])
  }

  /// SERVFAIL from a server.
  static let failure = FakeReply(code: .serverFailure)
}

/// Stands below the cache in place of `forward`, and answers as it is told.
final class FakeUpstream: Handler, @unchecked Sendable {
  /// What is asked: name, type, and how many questions came before.
  typealias Script = @Sendable (String, RRType, Int) -> FakeReply?

  private let state: Mutex<(script: Script, count: Int)>

  /// Answers by `script`; where that is `nil` the query waits.
  init(_ script: @escaping Script, next: Handler?) {
    state = Mutex((script, 0))
    super.init(next: next)
  }

  /// Questions that came so far.
  var count: Int { state.withLock { $0.count } }

  /// Answers differently from now on.
  func become(_ script: @escaping Script) {
    state.withLock { $0.script = script }
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    let (script, count) = state.withLock { state in
      state.count += 1
      return (state.script, state.count - 1)
    }
    guard let name = exchange.name.domainName else { return .unanswered }
    guard let reply = script(name.description, exchange.type, count) else {
      return waits(&exchange)
    }
    write(reply, name, &exchange)
    return answered(&exchange)
  }

  override func resume(_ exchange: inout Exchange) -> Outcome { query(&exchange) }

  private func write(_ reply: FakeReply, _ name: DomainName, _ exchange: inout Exchange) {
    exchange.reply.clear()
    exchange.reply.responseCode = reply.code
    exchange.reply.recursionAvailable = true
    exchange.reply.isAuthentic = reply.isAuthentic
    var compressor = NameCompressor()
    let sections: [(ReplyWriter.Section, [FakeRecord])] = [
      (.answer, reply.answer), (.authority, reply.authority), (.additional, reply.additional),
    ]
    for (section, records) in sections {
      for record in records {
        let start = exchange.reply.count
        guard record.write(to: &exchange.reply, section, question: name, &compressor) else {
          break
        }
        if reply.hasOpenAlias, record.type == .cname { exchange.aliasTarget = start + 12 }
      }
    }
    if reply.isTruncated { exchange.reply.isTruncated = true }
    exchange.isKeepable = reply.isKeepable
  }
}
