import TestSupport

/// A query put together octet by octet, so that every part of it can be wrong.
struct Packet: Sendable {
  /// ID.
  var id: UInt16 = 0x1234
  /// The flag word; RD alone, as stub resolvers send it.
  var flags: UInt16 = 0x0100
  /// QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT as claimed.
  var counts: [UInt16] = [1, 0, 0, 0]
  /// QNAME as on the wire.
  var name: [UInt8] = Query.wireName("www.example.org")
  /// QTYPE.
  var type: UInt16 = 1
  /// QCLASS.
  var questionClass: UInt16 = 1
  /// What follows the first question.
  var tail: [UInt8] = []

  /// A query with an OPT record of these parts.
  static func opt(
    size: UInt16 = 1232, version: UInt8 = 0, flags: UInt16 = 0, options: [UInt8] = []
  ) -> Packet {
    Packet(counts: [1, 0, 0, 1], tail: optRecord(size, version, flags, options))
  }

  /// The header alone.
  var header: [UInt8] { word(id) + word(flags) + counts.flatMap(word) }
  /// The question alone.
  var question: [UInt8] { name + word(type) + word(questionClass) }
  /// The whole message.
  var octets: [UInt8] { header + question + tail }
}

/// A number of 16 bits in network order.
func word(_ value: UInt16) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
}

/// A record as on the wire.
func record(
  _ owner: [UInt8] = [0], _ type: UInt16, _ recordClass: UInt16 = 1, ttl: [UInt8] = [0, 0, 0, 0],
  data: [UInt8] = []
) -> [UInt8] {
  owner + word(type) + word(recordClass) + ttl + word(UInt16(truncatingIfNeeded: data.count)) + data
}

/// An OPT record (RFC 6891 §6.1.2).
func optRecord(
  _ size: UInt16 = 1232, _ version: UInt8 = 0, _ flags: UInt16 = 0, _ options: [UInt8] = []
) -> [UInt8] {
  record([0], 41, size, ttl: [0, version] + word(flags), data: options)
}

/// An option of OPT.
func option(_ code: UInt16, _ data: [UInt8] = []) -> [UInt8] {
  word(code) + word(UInt16(truncatingIfNeeded: data.count)) + data
}

// MARK: - Streams

/// Records of 16 octets that make a reply of 64,000.
let largeRecordCount = 4000

/// A query of `id` behind its length.
func framed(_ id: UInt16, _ packet: Packet = Packet()) -> [UInt8] {
  var packet = packet
  packet.id = id
  return TCPConnection.framed(packet.octets)
}

/// The IDs of the replies in a stream.
func replyIDs(_ octets: [UInt8]) -> [UInt16] {
  var ids: [UInt16] = []
  var rest = octets[...]
  while let high = rest.first, rest.count > 3 {
    let length = Int(high) << 8 | Int(rest[rest.startIndex + 1])
    ids.append(UInt16(rest[rest.startIndex + 2]) << 8 | UInt16(rest[rest.startIndex + 3]))
    rest = rest.dropFirst(2 + length)
  }
  return ids
}
