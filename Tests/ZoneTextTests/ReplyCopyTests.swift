import DNSWire
import Testing
import TestSupport
import ZoneText

/// Replies of upstreams, copied and then read by libldns: against a plain model of what should be
/// there, and mutated.
@Suite struct ReplyCopyTests {
  static let seed: UInt64 = 5_452
  static let replyCount = 5_000
  static let packetCount = 20_000

  /// A reply that a message was copied into, and what the copier said.
  private struct Copy {
    var octets: [UInt8]
    var result: CopiedAnswer
    /// TC, from the header.
    var isTruncated: Bool { (readHeader(octets)?.flags ?? 0) & 0x0200 != 0 }
  }

  /// Copies a message that is ours; `nil` when it is not. Appends the message to the copy as well
  /// when that ends in an alias and `appends` says so.
  private static func copy(
    _ message: [UInt8], asked: [UInt8], dnssecOK: Bool, sizeMax: Int = 65_535,
    appends: Bool = false
  ) -> Copy? {
    let verdict = judgeReply(
      message.span, id: 0x1234, question: asked.span, askedWithEDNS: true)
    guard case .ours(let summary) = verdict else { return nil }
    var result = CopiedAnswer()
    let octets = compose(capacity: sizeMax) { writer in
      writer.reset(sizeMax: sizeMax, hasOPT: true)
      writer.appendQuestion(asked.span)
      result = copyReply(message.span, summary, into: &writer, dnssecOK: dnssecOK)
      if appends, result.aliasTarget != 0 {
        result = appendAlias(
          message.span, at: result.aliasTarget, into: &writer, dnssecOK: dnssecOK)
      }
      writer.finish(
        query: Header(), edns: .init(requestorPayloadSize: 0, version: 0, dnssecOK: dnssecOK),
        payloadSize: 1_232, error: nil)
    }
    return Copy(octets: octets, result: result)
  }

  // MARK: - The model

  /// What is wrong with a copy; `nil` when nothing is.
  private static func fault(_ reply: UpstreamReply, dnssecOK: Bool) -> String? {
    guard let copy = copy(reply.octets, asked: reply.question, dnssecOK: dnssecOK) else {
      return "not ours"
    }
    let model = CopyModel(reply, dnssecOK: dnssecOK)
    let judged: MessageJudge
    do throws(LDNSError) { judged = try MessageJudge(copy.octets) } catch {
      return "refused: \(error)"
    }
    if Array(judged.counts.dropFirst()) != model.sections.map(\.count) {
      return "counts \(judged.counts), not \(model.sections.map(\.count))"
    }
    if judged.records != model.sections.joined().map(\.wire) { return "other records" }
    if copy.result.ending != model.ending { return "\(copy.result.ending), not \(model.ending)" }
    if copy.result.smallestTTL != model.smallestTTL { return "smallest TTL" }
    if copy.result.negativeTTL != model.negativeTTL { return "negative TTL" }
    let target = copy.result.aliasTarget
    let targetName = target == 0 ? nil : readName(copy.octets, at: target)
    if targetName?.wire != model.aliasTarget?.wire { return "alias target" }
    return nil
  }

  @Test(arguments: [false, true])
  func `what is copied is what the model says`(isLong: Bool) {
    var generator = UpstreamReplyGenerator(seed: Self.seed)
    var endings: [String: Int] = [:]
    for number in 0..<(isLong ? 100 : Self.replyCount) {
      let reply = generator.next(isLong: isLong)
      let dnssecOK = number.isMultiple(of: 2)
      endings["\(CopyModel(reply, dnssecOK: dnssecOK).ending)", default: 0] += 1
      if let fault = Self.fault(reply, dnssecOK: dnssecOK) {
        Issue.record("seed \(Self.seed), reply \(number): \(fault): \(hex(reply.octets))")
        return
      }
    }
    // All kinds of chains did occur.
    if !isLong {
      for ending in ["answered", "unanswered", "aliased", "looping", "cut"] {
        #expect(endings[ending, default: 0] > 10, "\(ending)")
      }
    }
  }

  // MARK: - Mutations

  /// What is wrong with the copy of some octets; `nil` when nothing is.
  private static func fault(_ copy: Copy, sizeMax: Int) -> String? {
    if copy.octets.count > sizeMax { return "larger than \(sizeMax)" }
    guard let walk = FullWalk(copy.octets), walk.end == copy.octets.count else {
      return "refused by the full walk"
    }
    if (copy.result.aliasTarget != 0) != (copy.result.ending == .aliased) { return "alias target" }
    if copy.result.aliasTarget != 0, readName(copy.octets, at: copy.result.aliasTarget) == nil {
      return "no name at the alias target"
    }
    if let ttl = copy.result.smallestTTL, ttl > CopyLimits.ttlSecondsMax { return "TTL" }
    if copy.result.ending == .full, !copy.isTruncated { return "full without TC" }
    do throws(LDNSError) { _ = try MessageJudge(copy.octets) } catch {
      // Opaque to us, not to libldns: passed on as it came.
      if walk.isDataUnderstood { return "refused: \(error)" }
    }
    return nil
  }

  @Test func `whatever comes, a copy is well-formed`() {
    var generator = UpstreamReplyGenerator(seed: Self.seed)
    let replies = (0..<200).map { _ in generator.next() }
    var mutator = Mutator(seed: Self.seed)
    var random = SeededGenerator(seed: Self.seed)
    var (oursCount, appendedCount) = (0, 0)
    for number in 0..<Self.packetCount {
      let reply = random.pick(replies, or: replies[0])
      let packet = mutator.next(from: [reply.octets])
      let sizeMax = random.pick([100, 512, 1_232, 65_535], or: 512)
      let hasRoom = sizeMax >= 23 + reply.question.count
      let copy = Self.copy(
        packet, asked: reply.question, dnssecOK: number.isMultiple(of: 2), sizeMax: sizeMax,
        appends: number.isMultiple(of: 3))
      guard hasRoom, let copy else { continue }
      oursCount += 1
      if copy.result.ending == .aliased { appendedCount += 1 }
      if let fault = Self.fault(copy, sizeMax: sizeMax) {
        Issue.record("seed \(Self.seed), packet \(number): \(fault): \(hex(packet))")
        return
      }
    }
    #expect(oursCount > Self.packetCount / 10)
    #expect(appendedCount > 100)
  }

  @Test func `whatever is appended, a reply stays well-formed`() {
    let target = DomainName(text: "a.test") ?? .root
    var generator = UpstreamReplyGenerator(seed: Self.seed &+ 1)
    var mutator = Mutator(seed: Self.seed &+ 1)
    let question = wire("www.example") + [0, 1, 0, 1]
    let replies = (0..<200).map { _ in generator.next().octets }
    for number in 0..<(Self.packetCount / 4) {
      let part = mutator.next(from: replies)
      var result = CopiedAnswer()
      let octets = compose(capacity: 2_000) { writer in
        writer.reset(sizeMax: 2_000, hasOPT: false)
        writer.appendQuestion(question.span)
        var compressor = NameCompressor()
        let owner = DomainName(text: "www.example") ?? .root
        let alias = RandomRecord(owner: owner, type: .cname, ttl: 1, parts: [.name(target)])
        _ = alias.write(to: &writer, &compressor, .answer)
        let offset = writer.count - target.wire.count
        result = appendAlias(part.span, at: offset, into: &writer, dnssecOK: true)
        writer.finish(query: Header(), edns: nil, payloadSize: 0, error: nil)
      }
      let fault = Self.fault(Copy(octets: octets, result: result), sizeMax: 2_000)
      // An alias that cannot be read ends the chain as well.
      if let fault, fault != "full without TC" {
        Issue.record("seed \(Self.seed), packet \(number): \(fault): \(hex(part))")
        return
      }
    }
  }
}
