import DNSWire
import PluginChain
import Server
import TestSupport
import Testing

/// Packets of any kind through the whole path: a reply is well-formed or there is none.
@Suite struct ServeFuzzTests {
  private static let packetCount = 50_000
  private static let seeds = AdmissionTests.rows.map(\.packet).filter { $0.count < 600 }
  /// Octets that mean something somewhere in a message.
  private static let telling: [UInt8] = [
    0, 1, 2, 12, 41, 63, 64, 127, 128, 192, 250, 251, 252, 255,
  ]

  private static func packet(using random: inout SeededGenerator) -> [UInt8] {
    if UInt8.random(in: 0..<16, using: &random) == 0 {
      let count = Int.random(in: 0..<64, using: &random)
      return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
    var octets = seeds.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let place = Int.random(in: 0...octets.count, using: &random)
      let end = min(octets.count, place + Int.random(in: 0...12, using: &random))
      switch UInt8.random(in: 0..<6, using: &random) {
      case 0: octets.removeSubrange(place..<end)
      case 1: octets.insert(contentsOf: octets[place..<end], at: place)
      case 2: octets = Array(octets[..<place])
      case 3: octets += (seeds.randomElement(using: &random) ?? []).dropFirst(12)
      case 4 where place < octets.count:
        octets[place] = UInt8.random(in: 0...255, using: &random)
      default:
        if place < octets.count { octets[place] = telling.randomElement(using: &random) ?? 0 }
      }
    }
    return octets
  }

  /// What is wrong with a reply; `nil` when nothing is.
  private static func fault(in reply: [UInt8], to query: [UInt8], sizeMax: Int) -> String? {
    guard let message = try? ParsedMessage(reply) else { return "does not parse" }
    let header = message.header
    if !header.has(.qr) { return "QR is 0" }
    if reply.prefix(2) != query.prefix(2) { return "another ID" }
    if header.opcode != query[2] >> 3 & 15 { return "another opcode" }
    if header.questionCount > 1 { return "\(header.questionCount) questions" }
    if ![0, 1, 4, 5, 16].contains(message.responseCode) { return "RCODE \(message.responseCode)" }
    if (message.responseCode == 0) != (message.records.count == 1) { return "records" }
    if !query.dropFirst(12).starts(with: message.questionBytes) { return "another question" }
    return reply.count > sizeMax ? "\(reply.count) octets" : nil
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `whatever comes, the reply is well-formed or there is none`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var bench = QueryBench()
    var replyCount = 0
    for _ in 0..<(Self.packetCount / 5) {
      let query = Self.packet(using: &random)
      let served = bench.serve(query)
      switch served {
      case .parked: Issue.record("parked: \(query)")
      case .silence:
        let isExpected = query.count < 12 || query[2] & 0x80 != 0
        if !isExpected { Issue.record("no reply to \(query)") }
      case .reply(let reply):
        replyCount += 1
        if let fault = Self.fault(in: reply, to: query, sizeMax: 1232) {
          Issue.record("\(fault): \(query) got \(reply)")
        }
      }
      let overTCP = bench.serve(query, .tcp)
      if !bench.isSame(overTCP, as: served) {
        Issue.record("TCP differs: \(query)")
      }
    }
    #expect(replyCount > Self.packetCount / 10, "most packets reach the point")
  }
}
