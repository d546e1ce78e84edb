import DNSWire
import Testing

/// The largest hostile replies: each of 64 KiB, each judged and copied without trouble. Work is
/// bounded by construction; these are here to be run, under a sanitizer or a profiler as well.
@Suite struct WorstReplyTests {
  private static let frontCount = 12 + question().count

  /// As many copies of `record` as a message holds behind `before`.
  private static func filled(
    type: Int = 1, before: [[UInt8]] = [], with record: [UInt8], isAuthority: Bool = false
  ) -> UpstreamMessage {
    let room = WireLimits.messageOctetCountMax - frontCount - before.reduce(0) { $0 + $1.count }
    let records = before + Array(repeating: record, count: room / record.count)
    return UpstreamMessage(
      question: question(type: type), answer: isAuthority ? [] : records,
      authority: isAuthority ? records : [])
  }

  /// An opaque record whose RDATA is `name`, and a pointer to that.
  private static func far(_ name: [UInt8]) -> (record: [UInt8], pointer: [UInt8]) {
    (record(owner: questionPointer, type: 10, name), octets16(0xC000 | (frontCount + 12)))
  }

  /// A name of `count` labels of one octet.
  private static func labels(_ count: Int) -> [UInt8] {
    Array(repeating: [1, 0x61] as [UInt8], count: count).flatMap { $0 } + [0]
  }

  /// 126 pointers, each to the one before, and where the last stands.
  private static func pointers() -> (record: [UInt8], pointer: [UInt8]) {
    let start = frontCount + 12
    var data = questionPointer
    for index in 1..<126 { data += octets16(0xC000 | (start + 2 * (index - 1))) }
    return (
      record(owner: questionPointer, type: 10, data), octets16(0xC000 | (start + 2 * 125))
    )
  }

  // MARK: - Pointers

  @Test func `thousands of long ways over pointers are refused`() {
    for (first, pointer) in [Self.pointers(), Self.far(Self.labels(127))] {
      let many = Self.filled(
        before: [first], with: record(owner: pointer, type: 17, pointer + pointer))
      #expect(judge(many.octets) == .foreign)
      // A few are no trouble.
      let few = UpstreamMessage(
        answer: [first] + Array(repeating: named(pointer, pointer), count: 15))
      #expect(summary(few.octets) != nil)
    }
  }

  @Test func `the longest names there are, in the smallest records, are not refused`() {
    // Names below ip6.arpa have 34 labels.
    let (first, pointer) = Self.far(Self.labels(34))
    let message = Self.filled(
      type: 2, before: [first], with: named(pointer, questionPointer, type: 2))
    #expect(summary(message.octets, question: message.question) != nil)
  }

  @Test func `names as large as possible, decompressed`() {
    // Each name is written out at 255 octets: the reply is full soon.
    let long: [UInt8] = label(63) + label(63) + label(63) + label(61) + [0]
    let (first, pointer) = Self.far(long)
    let service = record(owner: questionPointer, type: 33, [0, 0, 0, 0, 0, 1] + pointer)
    let reply = copy(Self.filled(type: 33, before: [first], with: service))
    #expect(reply.composed.octets.count <= 65_535)
    #expect(reply.lines.count == (65_535 - Self.frontCount) / (12 + 6 + 255))
    #expect(reply.composed.header.map { $0.flags & 0x0200 } == 0x0200)
  }

  // MARK: - Owners

  @Test(arguments: [1, 5, 39, 46])
  func `owners differ from the chain's names at the end`(type: Int) {
    // A long chain over names that share all but their last octet with those of 4,000 records.
    let front: [UInt8] = label(63) + label(63) + label(63) + [40]
    func name(_ number: Int) -> [UInt8] {
      front + Array(repeating: UInt8(0x61), count: 39) + [UInt8(0x61 + number), 0]
    }
    var records = [named(name(0))]
    for number in 0..<17 { records.append(named(name(number), name(number + 1))) }
    let start = Self.frontCount + records.reduce(0) { $0 + $1.count } + 12
    records.append(record(owner: questionPointer, type: 10, name(25)))
    let data: [UInt8] = type == 1 ? [1, 2, 3, 4] : type == 46 ? [0, 5] : questionPointer
    let other = record(owner: octets16(0xC000 | start), type: type, data)
    let reply = copy(Self.filled(before: records, with: other), dnssecOK: true)
    #expect(reply.result.ending == .cut)
    #expect(reply.lines.count == CopyLimits.aliasCountMax)
  }

  @Test func `among many records the chain is found as among few`() {
    let others = (0..<500).map { address(wire("x\($0).test")) }
    let chain = [
      address(wire("C.test")), named(wire("B.test"), wire("c.test")), named(wire("b.test")),
    ]
    let reply = copy(UpstreamMessage(answer: others + chain + others))
    #expect(
      reply.lines == [
        "answer a.example. 60 CNAME b.test.", "answer b.test. 60 CNAME c.test.",
        "answer c.test. 60 A 192.0.2.1",
      ])
  }

  // MARK: - Numbers

  @Test func `addresses of names that are no targets`() {
    var message = Self.filled(with: address(), isAuthority: true)
    message.authority = (0..<70).map { named([0], wire("ns\($0).test"), type: 2) }
    message.additional = Array(repeating: address(wire("ns69.test")), count: 2_300)
    #expect(copy(message).lines.count == 70)
  }

  @Test func `thousands of distinct names`() {
    var message = UpstreamMessage()
    message.authority = (0..<3_000).map { named([0], wire("n\($0)"), type: 2) }
    let reply = copy(message)
    #expect(reply.lines.count == 3_000)
  }

  @Test func `the smallest records`() {
    let message = Self.filled(type: 10, with: record(owner: questionPointer, type: 10))
    #expect(copy(message).lines.count == (65_535 - Self.frontCount) / 12)
  }

  @Test func `four thousand addresses`() {
    let message = Self.filled(with: address())
    #expect(copy(message).lines.count == (65_535 - Self.frontCount) / 16)
    #expect(copy(message, sizeMax: 1_232).lines.count == (1_232 - Self.frontCount) / 16)
  }
}
