import DNSWire
import TestSupport
import Testing
import ZoneText

/// Random replies written anew behind another question, with other names and TTLs: libldns must
/// read what a plain model says.
@Suite struct RewrittenReplyTests {
  static let seed: UInt64 = 9_267

  /// Changes some names, always in the same way.
  private struct SomeNames: RecordChange {
    let salt: Int

    func owner(_ name: DomainName) -> DomainName? { changed(name, salt) }
    func target(_ name: DomainName) -> DomainName? { changed(name, salt + 1) }
    func ttl(_ seconds: UInt32) -> UInt32 { salt.isMultiple(of: 3) ? seconds : seconds / 2 }

    private func changed(_ name: DomainName, _ salt: Int) -> DomainName? {
      let sum = name.lowercased.wire.reduce(salt) { $0 + Int($1) }
      switch sum % 5 {
      case 0: return DomainName(labels: [Array("rewritten".utf8)] + name.labels)
      case 1: return DomainName(labels: name.labels.dropFirst())
      case 2: return DomainName(labels: name.labels + [[UInt8](repeating: 0x2E, count: 40)])
      default: return nil
      }
    }
  }

  /// One reply before and after.
  private struct Case {
    var octets: [UInt8] = []
    /// The records that were in it, by section, changed as they should be.
    var records: [[ResourceRecord]] = [[], [], []]
    /// The offset of the last alias's target, and that target.
    var alias: (place: Int, target: DomainName?) = (0, nil)
    var wasTruncated = false
  }

  private static let targetTypes: Set<RRType> = [.ns, .cname, .ptr, .mx, .soa, .srv]

  private static func changed(
    _ record: RandomRecord, _ change: SomeNames, question: DomainName
  ) -> ResourceRecord {
    var record = record
    record.owner = change.owner(record.owner) ?? record.owner
    // A pointer to the question has its case.
    if record.owner == question { record.owner = question }
    record.ttl = change.ttl(record.ttl)
    if targetTypes.contains(record.type) {
      for (index, part) in record.parts.enumerated() {
        var name: DomainName?
        if case .name(let found) = part { name = found }
        if record.type == .srv, index == 1, case .octets(let wire) = part {
          name = DomainName(wire: wire)
        }
        guard let name else { continue }
        let target = change.target(name) ?? name
        record.parts[index] = record.type == .srv ? .octets(target.wire) : .name(target)
        break
      }
    }
    return record.record
  }

  private static func make(
    _ generator: inout RecordGenerator, recordCount: Int, sizeMax: Int, _ change: SomeNames
  ) -> Case {
    generator.forget()
    let (first, second) = (generator.name(), generator.name())
    var result = Case()
    result.octets = compose(capacity: 65_535) { writer in
      writer.reset(sizeMax: 65_535, hasOPT: false)
      writer.appendQuestion((first.wire + [0, 1, 0, 1]).span)
      var compressor = NameCompressor()
      for (index, section) in [ReplyWriter.Section.answer, .authority, .additional].enumerated() {
        for _ in 0..<generator.random.number(0...recordCount) {
          let record = generator.record()
          guard record.write(to: &writer, &compressor, section) else { continue }
          result.records[index].append(changed(record, change, question: second))
        }
      }
      result.wasTruncated = writer.isTruncated
      writer.setLimit(sizeMax: sizeMax, hasOPT: false)
      result.alias.place = rewriteReply(&writer, question: second.wire + [0, 28, 0, 1], change)
      if result.alias.place != 0 {
        result.alias.target = writer.withOctets { readName($0, at: result.alias.place) }
      }
      writer.finish(query: Header(), edns: nil, payloadSize: 0, error: nil)
    }
    return result
  }

  /// What is wrong with a case; `nil` when nothing is.
  private static func fault(_ made: Case) -> String? {
    guard let header = readHeader(made.octets) else { return "no header" }
    let judged: MessageJudge
    do throws(LDNSError) { judged = try MessageJudge(made.octets) } catch {
      return "refused: \(error)"
    }
    let counts = [
      Int(header.questionCount), Int(header.answerCount), Int(header.authorityCount),
      Int(header.additionalCount),
    ]
    guard judged.counts == counts else { return "counts \(judged.counts), header \(counts)" }
    // What is there is what should be, in order; TC says when some is not.
    var rest = judged.records[...]
    var isWhole = true
    for (section, records) in made.records.enumerated() {
      let kept = Array(rest.prefix(counts[section + 1]))
      rest = rest.dropFirst(counts[section + 1])
      let wanted = records.map(\.wire)
      guard isSubsequence(kept, of: wanted) else { return "other records in section \(section)" }
      if section < 2, kept.count < wanted.count { isWhole = false }
    }
    let isTruncated = header.flags & 0x0200 != 0
    guard isTruncated == (!isWhole || made.wasTruncated) else { return "TC" }
    let aliases = judged.records.prefix(counts[1]).compactMap { wire -> DomainName? in
      guard let end = skipName(wire, at: 0), wire[end + 1] == 5 else { return nil }
      return readName(wire, at: end + 10)
    }
    guard made.alias.target == aliases.last else { return "the alias's target" }
    guard let walk = FullWalk(made.octets), walk.isDataUnderstood, walk.end == made.octets.count
    else { return "refused by the full walk" }
    return nil
  }

  private static func isSubsequence(_ part: [[UInt8]], of whole: [[UInt8]]) -> Bool {
    var rest = whole[...]
    for element in part {
      guard let index = rest.firstIndex(of: element) else { return false }
      rest = rest[(index + 1)...]
    }
    return true
  }

  @Test(arguments: [(8, 2_000), (300, 20)])
  func `libldns reads the changed records`(recordCount: Int, caseCount: Int) {
    var generator = RecordGenerator(seed: Self.seed)
    var (truncatedCount, farCount) = (0, 0)
    for number in 0..<caseCount {
      let sizeMax = number.isMultiple(of: 2) ? 65_535 : 512 + number % 900
      let made = Self.make(
        &generator, recordCount: recordCount, sizeMax: sizeMax, SomeNames(salt: number))
      if let fault = Self.fault(made) {
        Issue.record("seed \(Self.seed), case \(number): \(fault): \(hex(made.octets))")
        return
      }
      guard let header = readHeader(made.octets) else { continue }
      if header.flags & 0x0200 != 0 { truncatedCount += 1 }
      if made.octets.count > 0x4000 { farCount += 1 }
    }
    #expect(truncatedCount > 0)
    #expect(farCount > 0 || recordCount == 8)
  }
}
