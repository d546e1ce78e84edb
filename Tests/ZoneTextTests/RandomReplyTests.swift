import DNSWire
import Testing
import TestSupport
import ZoneText

/// Random replies of our writer, read by libldns: every record must come back as it was put in.
@Suite struct RandomReplyTests {
  static let seed: UInt64 = 2_181
  static let replyCount = 4_000

  /// A reply, and what it should hold.
  private struct Reply {
    var octets: [UInt8]
    var sizeMax: Int
    /// What fit into each section.
    var kept: [[ResourceRecord]]
    /// A record of answer or authority did not fit.
    var lost: Bool
    var edns: EDNS?
    var hasError: Bool
    var code: ResponseCode
  }

  /// A size: mostly one of UDP, now and then that of a stream, often too small.
  private static func sizeMax(_ random: inout SeededGenerator, least: Int) -> Int {
    switch random.number(0...9) {
    case 0: 65_535
    case 1: 512
    case 2: 1_232
    case 3: least
    default: random.number(least...(least + 1_500))
    }
  }

  private static func compose(_ generator: inout RecordGenerator, recordCount: Int) -> Reply {
    generator.forget()
    let questionName = generator.name()
    let question = questionName.wire + [0, 1, 0, 1]
    var random = generator.random
    let hasOPT = !random.oneIn(3)
    let edns = EDNS(
      requestorPayloadSize: 1_232, version: 0, dnssecOK: Bool.random(using: &random))
    let least = 12 + question.count + (hasOPT ? WireLimits.optOctetCount : 0)
    var reply = Reply(
      octets: [], sizeMax: sizeMax(&random, least: least), kept: [[], [], []], lost: false,
      edns: hasOPT ? edns : nil, hasError: random.oneIn(2),
      code: random.pick([.noError, .nameError, .refused, .badVersion], or: .noError))
    generator.random = random
    reply.octets = ZoneTextTests.compose(capacity: reply.sizeMax) { writer in
      writer.reset(sizeMax: reply.sizeMax, hasOPT: hasOPT)
      writer.appendQuestion(question.span)
      writer.responseCode = hasOPT ? reply.code : .init(rawValue: reply.code.rawValue & 0xF)
      var compressor = NameCompressor()
      for (index, section) in [ReplyWriter.Section.answer, .authority, .additional].enumerated() {
        for _ in 0..<generator.random.number(0...recordCount) {
          let record = generator.record()
          if record.write(to: &writer, &compressor, section) {
            reply.kept[index].append(record.record)
          } else if section != .additional {
            reply.lost = true
          }
        }
      }
      var query = Header()
      query.id = 0x4C44
      let error: (code: ExtendedError, text: StaticString)? =
        reply.hasError ? (.notReady, "the first picture of the cluster is not complete") : nil
      writer.finish(query: query, edns: reply.edns, payloadSize: 1_232, error: error)
    }
    return reply
  }

  /// What is wrong with a reply in libldns's eyes; `nil` when nothing is.
  private static func fault(_ reply: Reply) -> String? {
    guard reply.octets.count <= reply.sizeMax else { return "larger than \(reply.sizeMax)" }
    guard let header = readHeader(reply.octets) else { return "no header" }
    let judged: MessageJudge
    do throws(LDNSError) { judged = try MessageJudge(reply.octets) } catch {
      return "refused: \(error)"
    }
    let counts = [
      Int(header.questionCount), Int(header.answerCount), Int(header.authorityCount),
      // libldns keeps OPT out of the additional section.
      Int(header.additionalCount) - (reply.edns == nil ? 0 : 1),
    ]
    guard judged.counts == counts else { return "counts \(judged.counts), header \(counts)" }
    guard counts.dropFirst() == reply.kept.map(\.count)[...] else { return "not what was kept" }
    let records = reply.kept.flatMap { $0 }.map(\.wire)
    guard judged.records == records else { return "other records" }
    guard judged.hasEDNS == (reply.edns != nil) else { return "OPT" }
    guard (header.flags & 0x0200 != 0) == reply.lost else { return "TC" }
    guard judged.responseCode == UInt8(reply.code.rawValue & 0xF) else { return "RCODE" }
    return nil
  }

  /// Our own reader must see the same records in the same octets.
  private static func ownFault(_ reply: Reply) -> String? {
    guard let walk = FullWalk(reply.octets) else { return "refused by the full walk" }
    guard walk.isDataUnderstood else { return "RDATA" }
    guard walk.end == reply.octets.count else { return "octets left over" }
    let owners = reply.kept.flatMap { $0 }.map(\.owner.wire)
    let ownOwners = walk.records.filter { $0.type != .opt }.map(\.owner.wire)
    return owners == ownOwners ? nil : "other owners"
  }

  @Test(arguments: [8, 400])
  func `libldns reads what was written`(recordCount: Int) {
    var generator = RecordGenerator(seed: Self.seed)
    var (truncatedCount, farCount) = (0, 0)
    for number in 0..<(recordCount > 8 ? 60 : Self.replyCount) {
      let reply = Self.compose(&generator, recordCount: recordCount)
      if let fault = Self.fault(reply) ?? Self.ownFault(reply) {
        Issue.record("seed \(Self.seed), reply \(number): \(fault): \(hex(reply.octets))")
        return
      }
      if reply.lost { truncatedCount += 1 }
      if reply.octets.count > 0x4000 { farCount += 1 }
    }
    // The interesting cases did occur.
    #expect(truncatedCount > 10)
    #expect(farCount > 0 || recordCount == 8)
  }
}
