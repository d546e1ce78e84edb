import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// The one acceptance function: what every packet gets, over both transports alike.
@Suite struct AdmissionTests {
  static let rows = HeaderRows.all + QuestionRows.all + EDNSRows.all

  /// The reply must be what the row says, down to each flag.
  private func check(_ octets: [UInt8], _ row: AdmissionRow) throws {
    let message = try ParsedMessage(octets)
    let header = message.header
    let flags = Int(row.packet[2]) << 8 | Int(row.packet[3])
    #expect(octets.prefix(2) == row.packet.prefix(2), "the ID is echoed")
    #expect(header.has(.qr))
    #expect(Int(header.opcode) == flags >> 11 & 15)
    for flag in [MessageHeader.Flag.tc, .ra, .z, .ad] { #expect(!header.has(flag), "\(flag)") }
    checkEDNS(message, row)
    switch row.expected {
    case .silence: Issue.record("a reply to \(row.id)")
    case .bareNotImplemented:
      #expect(octets.count == 12)
      #expect(octets.dropFirst(4).allSatisfy { $0 == 0 })
      #expect(Int(octets[2]) << 8 | Int(octets[3]) == 0x8004 | (flags & 0x7800))
    case .admitted:
      #expect(message.responseCode == 0)
      #expect(header.has(.aa))
      #expect(message.questionBytes == row.question)
      #expect(message.records(in: .answer).count == 1)
    case .error(let code, let question, _):
      #expect(message.responseCode == code)
      #expect(!header.has(.aa))
      #expect(message.questionBytes == (question ? row.question : []))
      #expect(message.records.isEmpty)
    }
    if case .bareNotImplemented = row.expected { return }
    #expect(header.has(.rd) == (flags & 0x0100 != 0), "RD is copied")
    #expect(header.has(.cd) == (flags & 0x0010 != 0), "CD is copied")
  }

  private func checkEDNS(_ message: ParsedMessage, _ row: AdmissionRow) {
    guard row.opt != .absent else {
      #expect(message.edns == nil, "RFC 6891 §7: no OPT came in")
      return
    }
    #expect(message.edns?.version == 0)
    #expect(message.edns?.payloadSize == 1232)
    #expect(message.edns?.dnssecOK == (row.opt == .presentWithDO))
    #expect(message.edns?.reservedFlags == 0)
    let options = message.edns?.options ?? []
    if case .error(_, _, let extended?) = row.expected {
      #expect(options.map(\.code) == [15])
      #expect(options.first.map { Array($0.data.prefix(2)) } == word(extended))
    } else {
      #expect(options.isEmpty, "nothing is echoed")
    }
  }

  @Test(arguments: rows)
  func `a packet gets what the protocol says`(row: AdmissionRow) throws {
    var bench = QueryBench()
    let served = bench.serve(row.packet)
    if case .reply(let octets) = served {
      try check(octets, row)
    } else {
      #expect(served == .silence)
      guard case .silence = row.expected else {
        Issue.record("silence")
        return
      }
    }
    // No second, laxer door: TCP says the same, to the octet.
    let overTCP = bench.serve(row.packet, .tcp)
    let isSame = bench.isSame(overTCP, as: served)
    #expect(isSame, "\(overTCP)")
  }

  @Test(arguments: rows.filter { $0.isAdmitted && !$0.id.contains("arbage") })
  func `a query cut at any octet is FORMERR or silence`(row: AdmissionRow) throws {
    var bench = QueryBench()
    // What follows the records of the counts may be missing.
    let end = row.id.contains("H28") ? 0 : row.packet.count
    for count in 0..<end {
      let cut = Array(row.packet.prefix(count))
      let served = bench.serve(cut)
      if count < 12 {
        #expect(served == .silence)
      } else if case .reply(let octets) = served {
        let message = try ParsedMessage(octets)
        #expect(message.responseCode == 1, "cut at \(count)")
        #expect(octets.prefix(2) == row.packet.prefix(2))
        #expect(message.records.isEmpty)
      } else {
        Issue.record("no reply to the first \(count) octets")
      }
      #expect(bench.serve(cut, .tcp) == served)
    }
  }

  @Test func `TCP replies differ in size alone`() throws {
    var bench = QueryBench(.answering(recordCount: 200))
    for size in [nil, 0, 512, 1232, 4096, 65_535] as [UInt16?] {
      let packet = size.map { Packet.opt(size: $0) } ?? Packet()
      guard case .reply(let small) = bench.serve(packet.octets),
        case .reply(let large) = bench.serve(packet.octets, .tcp)
      else {
        Issue.record("no reply")
        return
      }
      let limit = min(max(Int(size ?? 0), 512), 1232)
      #expect((limit - 15...limit).contains(small.count))
      let datagram = try ParsedMessage(small)
      let stream = try ParsedMessage(large)
      #expect(datagram.header.has(.tc) && !stream.header.has(.tc))
      #expect(stream.records.count == 200)
      #expect(stream.records.starts(with: datagram.records))
      #expect(datagram.edns == stream.edns)
      #expect(datagram.questionBytes == stream.questionBytes)
    }
  }

  // MARK: - Who asks

  @Test(arguments: [0, 7, 13, 17, 19, 37] as [UInt16])
  func `a datagram from a port that answers anything is dropped`(port: UInt16) {
    var bench = QueryBench()
    bench.exchange.client.port = port
    #expect(bench.serve(Packet().octets) == .silence)
    // Over TCP the client has shown that it is there.
    #expect(bench.serve(Packet().octets, .tcp) != .silence)
  }

  @Test(arguments: [1, 6, 8, 53, 5353, 65_535] as [UInt16])
  func `a datagram from another port is answered`(port: UInt16) {
    var bench = QueryBench()
    bench.exchange.client = TransportAddress(address: IPAddress(v4: 0x0A00_0001), port: port)
    #expect(bench.serve(Packet().octets) != .silence)
  }

  @Test func `a datagram from the address that was asked is dropped`() {
    var bench = QueryBench()
    bench.exchange.client = bench.exchange.server
    #expect(bench.serve(Packet().octets) == .silence)
    bench.exchange.client.port += 1
    #expect(bench.serve(Packet().octets) != .silence)
  }

  // MARK: - What the chain gets

  @Test func `the exchange tells the chain what was asked`() throws {
    let chain = Chain.doing { exchange in
      #expect(exchange.name.domainName?.description == "www.example.org.")
      #expect(exchange.name.label(0) == Array("www".utf8), "folded")
      #expect(exchange.type == .aaaa)
      #expect(exchange.classCode == .internet)
      #expect(exchange.edns?.requestorPayloadSize == 4096)
      #expect(exchange.edns?.dnssecOK == true)
      #expect(exchange.header.id == 7)
      #expect(exchange.queryOctetCount == 33 + 11 + 5)
      return .dropped
    }
    var bench = QueryBench(chain)
    var packet = Packet.opt(size: 4096, flags: 0x8000, options: option(12, [0]))
    packet.id = 7
    packet.type = 28
    packet.name = Query.wireName("wWw.eXaMpLe.org")
    #expect(bench.serve(packet.octets) == .silence)
  }

  @Test func `nothing of a query is left for the next one`() throws {
    var bench = QueryBench()
    for _ in 0..<2 {
      for row in Self.rows where row.isAdmitted || row.opt != .absent {
        guard case .reply(let octets) = bench.serve(row.packet) else {
          Issue.record("silence")
          continue
        }
        let message = try ParsedMessage(octets)
        #expect((message.edns != nil) == (row.opt != .absent), "\(row.id)")
      }
    }
  }
}
