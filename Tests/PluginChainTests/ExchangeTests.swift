import DNSWire
import PluginChain
import Testing

/// The exchange: what a new query resets, how large replies may be, how failures look.
@Suite struct ExchangeTests {
  /// What a client announced and what it may get.
  struct SizeRow: Sendable {
    let transport: Exchange.Transport
    let announced: UInt16?
    let payloadSize: UInt16
    let sizeMax: Int
  }

  private static func udp(_ announced: UInt16?, _ payloadSize: UInt16, _ sizeMax: Int) -> SizeRow {
    SizeRow(
      transport: .udp, announced: announced, payloadSize: payloadSize, sizeMax: sizeMax)
  }

  static let sizes: [SizeRow] =
    [
      // RFC 1035 §4.2.1: 512 without EDNS, whatever we could send.
      udp(nil, 1232, 512), udp(nil, 4096, 512), udp(nil, 512, 512),
      // RFC 6891 §6.2.3: below 512 is 512.
      udp(0, 1232, 512), udp(1, 1232, 512), udp(511, 1232, 512), udp(512, 1232, 512),
      udp(513, 1232, 513), udp(1231, 1232, 1231), udp(1232, 1232, 1232), udp(1233, 1232, 1232),
      udp(4096, 1232, 1232), udp(65_535, 1232, 1232),
      // bufsize raises and lowers; never below 512.
      udp(4096, 4096, 4096), udp(65_535, 4096, 4096), udp(2000, 4096, 2000), udp(0, 4096, 512),
      udp(4096, 512, 512), udp(4096, 600, 600), udp(4096, 0, 512), udp(4096, 1, 512),
      udp(65_535, 65_535, 65_535),
    ]
    + [nil, 0, 512, 1232, 65_535].flatMap { announced in
      [0, 512, 1232, 4096].map { payloadSize in
        SizeRow(
          transport: .tcp, announced: announced, payloadSize: payloadSize, sizeMax: 65_535)
      }
    }

  @Test(arguments: sizes)
  func `a reply is as large as client, server and transport allow`(row: SizeRow) {
    var bench = ExchangeBench(row.transport, edns: row.announced.map { .plain($0) })
    bench.exchange.setPayloadSize(row.payloadSize)
    #expect(bench.exchange.replySizeMax == row.sizeMax)
    // The writer got the limit too: it keeps room for OPT, which is eleven octets.
    let opt = row.announced == nil ? 0 : 11
    #expect(bench.exchange.reply.limit == row.sizeMax - opt)
    while bench.exchange.appendAddress() {}
    let octets = bench.finished()
    #expect(octets.count <= row.sizeMax)
    #expect(octets.count > row.sizeMax - 16, "one more record of 16 octets would have fit")
  }

  @Test func `a new query starts from nothing`() {
    var bench = ExchangeBench(edns: .plain(4096))
    bench.exchange.setPayloadSize(4096)
    bench.exchange.rotation = 7
    bench.exchange.startNanoseconds = 99
    bench.exchange.answeredHeight = 3
    bench.exchange.fail(.refused, .notAuthoritative, "gone")
    var header = Header()
    header.id = 0xBEEF
    bench.exchange.reset(header: header)
    #expect(bench.exchange.header == header)
    #expect(bench.exchange.edns == nil)
    #expect(bench.exchange.extendedError == nil)
    #expect(bench.exchange.payloadSize == 1232)
    #expect(bench.exchange.replySizeMax == 512)
    #expect(bench.exchange.rotation == 0)
    #expect(bench.exchange.startNanoseconds == 0)
    #expect(bench.exchange.answeredHeight == 0)
  }

  @Test func `a failure takes records and AA back and keeps the question`() {
    var bench = ExchangeBench(edns: .plain(1232))
    bench.exchange.reply.isAuthoritative = true
    let fits = bench.exchange.appendAddress()
    #expect(fits)
    bench.exchange.fail(.serverFailure)
    let octets = bench.finished()
    #expect(octets[2...3] == [0x80, 0x02], "QR and SERVFAIL, nothing else")
    #expect(octets[4...11] == [0, 1, 0, 0, 0, 0, 0, 1])
    #expect(octets[12..<19] == [1, 0x61, 0, 0, 1, 0, 1])
    #expect(octets.count == 19 + 11)
  }

  @Test func `a failure takes TC back`() {
    var bench = ExchangeBench()
    while bench.exchange.appendAddress() {}
    #expect(bench.exchange.reply.isTruncated)
    bench.exchange.fail(.refused)
    let octets = bench.finished()
    #expect(octets[2...3] == [0x80, 0x05])
  }

  @Test func `a failure without a reason keeps the reason given before`() {
    var bench = ExchangeBench()
    bench.exchange.fail(.serverFailure, .notReady, "first sync")
    bench.exchange.fail(.serverFailure)
    #expect(bench.exchange.extendedError?.code == .notReady)
    bench.exchange.fail(.refused, .notSupported, "no")
    #expect(bench.exchange.extendedError?.code == .notSupported)
    #expect("\(bench.exchange.extendedError?.text ?? "")" == "no")
  }

  @Test(arguments: [false, true], [false, true])
  func `the size of the finished reply is known before`(hasOPT: Bool, hasError: Bool) {
    var bench = ExchangeBench(edns: hasOPT ? .plain(1232) : nil)
    let fits = bench.exchange.appendAddress()
    #expect(fits)
    if hasError { bench.exchange.extendedError = (.other, "because") }
    let expected = bench.exchange.replyOctetCount
    let octets = bench.finished()
    #expect(octets.count == expected)
  }

  @Test func `a parked exchange leaves a fresh one in its place`() {
    var bench = ExchangeBench(.tcp, edns: .plain(4096), worker: 5)
    bench.exchange.ticket = 42
    bench.exchange.type = .srv
    bench.exchange.answeredHeight = 2
    bench.exchange.rotation = 9
    let parked = bench.exchange.replacedByFresh()
    #expect(parked.worker == 5)
    #expect(parked.ticket == 42)
    #expect(parked.type == .srv)
    #expect(parked.edns == .plain(4096))
    #expect(parked.answeredHeight == 2)
    #expect(parked.rotation == 9)
    #expect(parked.transport == .tcp)
    #expect(bench.exchange.worker == 5)
    #expect(bench.exchange.transport == .tcp)
    #expect(bench.exchange.edns == nil)
    #expect(bench.exchange.answeredHeight == 0)
    #expect(bench.exchange.rotation == 0)
  }
}
