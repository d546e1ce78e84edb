import TestSupport
import Testing

/// A headless service of 180 endpoints: too much for UDP, whole over TCP (RFC 2181 section 9).
@Suite struct TruncationTests {
  private static let name = "crowd.maple-umber.svc.cluster.local."
  private static let endpointCount = 180

  private let client: DNSClient

  init() throws {
    client = try GoldenVariant.v1.server().client
  }

  @Test(arguments: [nil, 512, 1232, 4096, 65_535] as [UInt16?])
  func `over UDP the reply fits, has TC and holds whole records`(payloadSize: UInt16?) throws {
    let query = Query(Self.name, .a, payloadSize: payloadSize).bytes
    let message = try ParsedMessage(client.udp(query))
    let ownSizeMax = 1232
    let limit = min(max(Int(payloadSize ?? 512), 512), ownSizeMax)
    #expect(message.byteCount <= limit)
    #expect(message.header.has(.tc))
    #expect((message.edns == nil) == (payloadSize == nil))
    let recordOctets = 16
    let fixedOctets = 12 + Self.name.utf8.count + 1 + 4 + 11
    #expect(message.header.answerCount >= (limit - fixedOctets) / recordOctets - 1)
    let all = try Set(allAddresses())
    #expect(all.isSuperset(of: message.records(in: .answer).map(\.data)))
  }

  @Test func `the same question over TCP is answered whole`() throws {
    #expect(Set(try allAddresses()).count == Self.endpointCount)
  }

  @Test(arguments: [Query.Kind.a, .srv])
  func `a client that retries over TCP gets all records`(kind: Query.Kind) throws {
    let query = Query(Self.name, kind, payloadSize: 1232).bytes
    #expect(try ParsedMessage(client.udp(query)).header.has(.tc))
    let whole = try ParsedMessage(client.tcp(query))
    #expect(!whole.header.has(.tc))
    #expect(whole.header.answerCount == Self.endpointCount)
    if kind == .srv {
      let targets = whole.records(in: .answer).compactMap { $0.data.split(separator: " ").last }
      let owners = whole.records(in: .additional).map(\.owner)
      #expect(Set(owners) == Set(targets.map(String.init)))
    }
  }

  @Test func `additional records that do not fit are left out`() throws {
    let name = "dozen.maple-umber.svc.cluster.local."
    let message = try ParsedMessage(client.udp(Query(name, .srv).bytes))
    #expect(message.byteCount <= 512)
    let whole = try ParsedMessage(client.tcp(Query(name, .srv).bytes))
    #expect(whole.header.answerCount == 12)
    let all = Set(whole.records.map(\.text))
    #expect(all.isSuperset(of: message.records.map(\.text)))
    // TC says that the answer itself is not whole; it stays clear when only additional was cut.
    if message.header.answerCount == 12 {
      #expect(message.header.additionalCount == 12 || !message.header.has(.tc))
    }
  }

  private func allAddresses() throws -> [String] {
    try ParsedMessage(client.tcp(Query(Self.name, .a).bytes)).records(in: .answer).map(\.data)
  }
}
