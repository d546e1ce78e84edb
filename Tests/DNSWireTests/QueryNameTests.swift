import DNSWire
import Testing

/// The name of the question, read in place.
@Suite struct QueryNameTests {
  /// `count` labels of one octet, and the root.
  private static func short(_ count: Int) -> [UInt8] {
    var octets: [UInt8] = []
    for _ in 0..<count { octets += label(1) }
    return octets + [0]
  }

  static let good: [[UInt8]] = [
    [0], [1, 97, 0], [3, 65, 66, 67, 0], [1, 0, 1, 46, 1, 255, 0], label(63) + [0],
    labels(octetCount: 254) + [0], short(127),
  ]

  @Test(arguments: good)
  func `a whole name is read and folded`(octets: [UInt8]) throws {
    let name = try #require(DomainName(wire: octets))
    for start in [0, 1, 12] {
      let message = Array(repeating: 7, count: start) + octets + [9, 9]
      let parsed = try #require(parseQueryName(message, at: start))
      #expect(parsed.end == start + octets.count)
      #expect(parsed.folded == name.lowercased.wire)
      #expect(parsed.labelOffsets.map { parsed.folded[$0] } == name.labels.map { UInt8($0.count) })
    }
  }

  @Test func `labels and offsets are those of the owned name`() throws {
    var query = QueryName()
    let octets = wire("Www.Cluster.LOCAL")
    let end = query.parse(octets.span, at: 0)
    #expect(end == octets.count)
    let owned = query.domainName
    let name = try #require(owned)
    #expect(name.wire == wire("www.cluster.local"))
    let labels = (0..<query.labelCount).map { query.label($0) }
    #expect(labels == name.labels)
    let offsets = (-1...4).map { query.offset(ofLabel: $0) }
    #expect(offsets == [18, 0, 4, 12, 18, 18])
    let outside = [query.label(-1), query.label(3)]
    #expect(outside == [[], []])
  }

  @Test func `an empty slot is no name and traps nowhere`() {
    let query = QueryName()
    let (offset, label, name) = (query.offset(ofLabel: 0), query.label(0), query.domainName)
    #expect(offset == 0)
    #expect(label.isEmpty)
    #expect(name == nil)
  }

  static let bad: [(String, [UInt8])] = [
    ("64-octet label", label(64) + [0]), ("extended label type", [0x41, 0, 0]),
    ("reserved label type", [0x80, 97, 0]), ("pointer", [0xC0, 0x00]),
    ("pointer after a label", [1, 97, 0xC0, 0x0C]), ("256 octets", labels(octetCount: 255) + [0]),
    ("128 labels", short(128)), ("nothing", []), ("label past the end", [5, 97, 98]),
  ]

  @Test(arguments: bad)
  func `what is no plain name is refused`(what: String, octets: [UInt8]) {
    #expect(parseQueryName(octets) == nil, "\(what)")
  }

  @Test func `a name cut at any octet is refused`() {
    for octets in [wire("a.bc.def"), labels(octetCount: 254) + [0]] {
      for count in 0..<octets.count {
        #expect(parseQueryName(Array(octets.prefix(count))) == nil, "\(count)")
      }
    }
  }

  @Test func `a start past the end is no name`() {
    #expect(parseQueryName([0], at: 1) == nil)
    #expect(parseQueryName([0], at: 5_000) == nil)
  }
}
