import DNSWire
import Upstreams

/// One query as an upstream sees it.
struct SimulatedQuery {
  let octets: [UInt8]
  let channel: UInt64
  let kind: ChannelKind
  let sentAt: UInt64

  var id: UInt16 { octets.span.word16(0) }
  var flags: UInt16 { octets.span.word16(2) }
  /// Name, type and class.
  var question: [UInt8] {
    guard let end = skipName(octets.span, at: 12), end + 4 <= octets.count else { return [] }
    return Array(octets[12..<(end + 4)])
  }
  /// QTYPE; questions of the tests are of type A, those of health checks NS.
  var type: UInt16 { question.span.word16(question.count - 4) }
  /// What follows the question: OPT or nothing.
  var opt: [UInt8] { Array(octets.dropFirst(12 + question.count)) }
  var hasOPT: Bool { !opt.isEmpty }
  var isCheck: Bool { type == RRType.ns.rawValue }

  // MARK: - Replies

  /// A reply with an address made of the name, so that a mix-up shows.
  func reply(
    id: UInt16? = nil, code: UInt16 = 0, question: [UInt8]? = nil, isTruncated: Bool = false,
    withOPT: Bool = true
  ) -> [UInt8] {
    let question = question ?? self.question
    let hasAnswer = code == 0 && type == RRType.a.rawValue && !isTruncated
    var flags = HeaderFlag.response | HeaderFlag.recursionAvailable | code
    if isTruncated { flags |= HeaderFlag.truncated }
    let hasOPT = self.hasOPT && withOPT
    var reply: [UInt8] = []
    for word in [id ?? self.id, flags, 1, hasAnswer ? 1 : 0, 0, hasOPT ? 1 : 0] {
      reply += [UInt8(word >> 8), UInt8(word & 0xFF)]
    }
    reply += question
    if hasAnswer {
      reply += [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4] + Self.address(of: question)
    }
    if hasOPT { reply += [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0] }
    return reply
  }

  /// FORMERR as from before EDNS: a header only.
  var bareFormatError: [UInt8] {
    [octets[0], octets[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]
  }

  /// Four octets that stand for a question (FNV-1a of it, folded).
  static func address(of question: [UInt8]) -> [UInt8] {
    var hash: UInt32 = 0x811C_9DC5
    for octet in question { hash = (hash ^ UInt32(DomainName.folded(octet))) &* 0x0100_0193 }
    return (0..<4).map { UInt8(truncatingIfNeeded: hash >> UInt32($0 * 8)) }
  }
}
