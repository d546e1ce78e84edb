import DNSWire
import FoundationEssentials
import Testing
import ZoneText

/// Mutated packets: whatever comes, our readers return, agree with each other, and accept nothing
/// that libldns refuses.
///
/// `SWIFTLET_FUZZ_COUNT` raises the number of packets.
@Suite struct MutationTests {
  static let seed: UInt64 = 9_267
  static let packetCount = 100_000

  /// The number of packets of this run.
  private static var count: Int {
    let wish = ProcessInfo.processInfo.environment["SWIFTLET_FUZZ_COUNT"].flatMap { Int($0) }
    return max(wish ?? 0, packetCount)
  }

  @Test func `the packets to start from are good`() throws {
    #expect(GoodPackets.all.count > 30)
    for packet in GoodPackets.all {
      let walk = try #require(FullWalk(packet), "\(hex(packet))")
      #expect(walk.end == packet.count)
      _ = try MessageJudge(packet)
    }
  }

  // MARK: - Our readers

  /// What is wrong with what our readers make of a packet; `nil` when nothing is.
  private static func ownFault(_ packet: [UInt8]) -> String? {
    guard let header = readHeader(packet) else { return packet.count < 12 ? nil : "no header" }
    var query = QueryName()
    let queryEnd = query.parse(packet.span, at: 12)
    let (name, end) = (readName(packet, at: 12), skipName(packet, at: 12))
    if name != nil, end == nil { return "a name that cannot be skipped" }
    // As long as it was in the packet: no pointer.
    let isPlain = name != nil && end == 12 + (name?.wire.count ?? 0)
    if isPlain != (queryEnd != nil) { return "QNAME and name differ" }
    if let queryEnd {
      if queryEnd != end { return "QNAME ends elsewhere" }
      let domainName = query.domainName
      if domainName?.wire != name?.lowercased.wire { return "other QNAME" }
      let type = RRType(rawValue: packet.span.word16(queryEnd))
      let tail = readQueryTail(packet.span, at: queryEnd + 4, header: header, type: type)
      if case .wellFormed = tail, !hasRecords(packet, header) { return "tail without records" }
    }
    return readerFault(packet)
  }

  /// Whether the reader finds all records counted, for queries with one question.
  private static func hasRecords(_ packet: [UInt8], _ header: Header) -> Bool {
    guard header.questionCount == 1 else { return true }
    guard var reader = MessageReader(packet.span) else {
      // A cut question: nothing may be counted behind it.
      return header.authorityCount == 0 && header.additionalCount == 0
    }
    while reader.next(packet.span) != nil {}
    return reader.isAtEnd
  }

  /// The walk over all records is bounded by the octets there are.
  private static func readerFault(_ packet: [UInt8]) -> String? {
    guard var reader = MessageReader(packet.span) else { return nil }
    var stepCount = 0
    while let (_, record) = reader.next(packet.span) {
      stepCount += 1
      if record.end > packet.count || record.end != reader.offset { return "record end" }
      if record.dataRange.lowerBound < record.ownerOffset + 11 { return "record start" }
      _ = readName(packet, at: record.ownerOffset)
      _ = readName(packet, at: record.dataRange.lowerBound)
    }
    // A record has at least eleven octets.
    return stepCount * 11 > packet.count ? "too many steps" : nil
  }

  @Test func `our readers return and agree`() {
    var mutator = Mutator(seed: Self.seed)
    for number in 0..<Self.count {
      let packet = mutator.next()
      if let fault = Self.ownFault(packet) {
        Issue.record("seed \(Self.seed), packet \(number): \(fault): \(hex(packet))")
        return
      }
    }
  }

  @Test func `names are read from any offset`() {
    var mutator = Mutator(seed: Self.seed &+ 1)
    for number in 0..<(Self.count / 20) {
      let packet = mutator.next()
      for start in -2...(packet.count + 2) {
        let (name, end) = (readName(packet, at: start), skipName(packet, at: start))
        let isSound = name == nil || (end ?? 0) > start && (end ?? 0) <= packet.count
        if !isSound { Issue.record("seed \(Self.seed), packet \(number): \(hex(packet))") }
      }
    }
  }

  // MARK: - libldns

  @Test func `libldns accepts what the full walk accepts`() {
    var mutator = Mutator(seed: Self.seed)
    var accepted = 0
    var excused = 0
    for number in 0..<Self.count {
      let packet = mutator.next()
      let walk = FullWalk(packet)
      do throws(LDNSError) {
        _ = try MessageJudge(packet)
        if walk != nil { accepted += 1 }
      } catch {
        guard let walk else { continue }
        if !walk.isDataUnderstood || walk.pointsToStart {
          excused += 1
        } else {
          Issue.record("seed \(Self.seed), packet \(number): \(error): \(hex(packet))")
          return
        }
      }
    }
    // Both happen often enough for the comparison to mean something.
    #expect(accepted > Self.count / 10)
    #expect(excused > 0)
  }
}
