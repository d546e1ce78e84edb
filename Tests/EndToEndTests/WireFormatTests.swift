import TestSupport
import Testing

/// The language of the wire rows.
@Suite struct WireFormatTests {
  @Test(
    arguments: [
      ("-", []), ("12 34", [0x12, 0x34]), ("00*3 ff", [0, 0, 0, 0xff]),
      ("0161*2", [1, 0x61, 1, 0x61]),
      ("name:a.bc", [1, 0x61, 2, 0x62, 0x63, 0]), ("ab*0", []),
    ] as [(String, [UInt8])])
  func `octets are read`(text: String, octets: [UInt8]) {
    #expect(WireRow.octets(text) == octets)
  }

  @Test(arguments: ["1", "xy", "00*", "00*x", "00*-1", "00*70000", "00*1*2"])
  func `what is not octets is refused`(text: String) {
    #expect(WireRow.octets(text) == nil)
  }

  @Test func `a row is read`() throws {
    let row = try WireRow("N1 ; tcp ; 0102 ; rcode=FORMERR or close ; some reason")
    #expect(row.id == "N1" && row.transport == .tcp && row.query == [1, 2])
    #expect(row.reason == "some reason")
    #expect(row.expectation.allowsSilence && row.expectation.allowsReply)
  }

  @Test(arguments: [
    "a ; udp ; 00 ; drop", "a ; smoke ; 00 ; drop ; why", "a ; udp ; 0 ; drop ; why",
    "a ; udp ; 00 ; colour=1 ; why", "a ; udp ; 00 ; perhaps ; why", "a ; udp ; 00 ; an=x ; why",
  ])
  func `a line that is not a row is refused`(line: String) {
    #expect(throws: (any Error).self) { try WireRow(line) }
  }

  @Test func `ids of all rows are unique`() throws {
    let rows = try WireRow.rows(of: "wire-rows.txt") + WireRow.rows(of: "wire-rows-more.txt")
    #expect(Set(rows.map(\.id)).count == rows.count)
    #expect(rows.count > 250)
  }

  private static let query = Query("a", .a, payloadSize: 1232).bytes
  private static let reply = WireRow.octets(
    "1234 8583 0001 0000 0000 0001 name:a 0001 0001 00 0029 04d0 00008000 0004 000f0000")

  @Test(
    arguments: [
      ("rcode=NXDOMAIN qecho opt=1 do=1 mbz=0 ver=0 ednssize=1232 opts=15 noopts=10,3", 0),
      ("rcode=NOERROR|NXDOMAIN aa=1 rd=1 ra=1 tc=0 qr=1 z=0 ad=0 cd=0 opcode=0", 0),
      ("qd=1 an=0 ns=0 ar=1 ar>=1 len<=512 len=34", 0), ("rcode=NXDOMAIN or drop", 0),
      ("drop", 1), ("close", 1), ("rcode=NOERROR", 1), ("aa=0", 1), ("an>=1", 1), ("len<=33", 1),
      ("opts=10", 1), ("noopts=15", 1), ("do=0 tc=1", 2), ("rcode=SERVFAIL or drop", 1),
    ])
  func `a reply is judged`(words: String, complaintCount: Int) throws {
    let expectation = try WireExpectation(words)
    let complaints = expectation.complaints(query: Self.query, reply: Self.reply)
    #expect(complaints.count == complaintCount, "\(complaints)")
  }

  @Test(arguments: [("drop", 0), ("close", 0), ("rcode=NOERROR or drop", 0), ("rcode=NOERROR", 1)])
  func `silence is judged`(words: String, complaintCount: Int) throws {
    let expectation = try WireExpectation(words)
    #expect(expectation.complaints(query: Self.query, reply: nil).count == complaintCount)
  }

  @Test(arguments: [
    "1234", "1234 0583 0001 0000 0000 0000 name:a 0001 0001",
    "4321 8583 0001 0000 0000 0000 name:a 0001 0001",
    "1234 8583 0001 0000 0000 0000 name:A 0001 0001",
    "1234 8583 0000 0000 0000 0000",
    "1234 8583 0001 0000 0000 0000 name:a 0001 0001 00",
  ])
  func `a reply that is no reply to the query is refused`(hex: String) throws {
    let reply = try #require(WireRow.octets(hex))
    let expectation = try WireExpectation("qecho")
    #expect(expectation.complaints(query: Self.query, reply: reply).count == 1)
  }

  @Test func `the world of the rows has all endpoints`() throws {
    let text = try WireWorld.text()
    let lines = text.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("- {addresses: ") } == 30 + 100 + 2000 + 5000)
    #expect(lines.count { $0 == "kind: EndpointSlice" } == 1 + 1 + 2 + 5)
    #expect(text.contains("- {addresses: [10.64.19.250], conditions: {ready: true}}"))
    #expect(Set(lines.filter { $0.contains("addresses: [") }).count == 7130)
  }
}
