/// Pieces of messages as they go over the wire, built without any check: tests send nonsense too.
package enum Octets {
  /// Sixteen bits in network order.
  package static func word(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }

  /// Thirty-two bits in network order.
  package static func doubleWord(_ value: UInt32) -> [UInt8] {
    word(UInt16(truncatingIfNeeded: value >> 16)) + word(UInt16(truncatingIfNeeded: value))
  }

  /// A name without escapes, uncompressed; `.` is the root.
  package static func name(_ text: String) -> [UInt8] {
    Query.wireName(text)
  }

  /// A pointer to `offset` (RFC 1035 section 4.1.4).
  package static func pointer(_ offset: Int) -> [UInt8] {
    word(0xc000 | UInt16(truncatingIfNeeded: offset))
  }

  /// The four octets of dotted IPv4 text.
  package static func address4(_ text: String) -> [UInt8] {
    text.split(separator: ".").compactMap { UInt8($0) }
  }

  /// ASCII letters in lower case.
  package static func folded(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { 0x41...0x5a ~= $0 ? $0 | 0x20 : $0 }
  }
}

/// Records as they go over the wire; the owner is a whole name or a pointer.
package enum RecordDraft {
  /// The name of the question of the same message.
  package static let questionName = Octets.pointer(12)
  /// The address that good answers have.
  package static let goodAddress = "192.0.2.80"
  /// The address that no client may ever see.
  package static let evilAddress = "203.0.113.66"

  /// Any record.
  package static func record(
    _ owner: [UInt8], type: UInt16, data: [UInt8], ttl: UInt32 = 60, recordClass: UInt16 = 1
  ) -> [UInt8] {
    owner + Octets.word(type) + Octets.word(recordClass) + Octets.doubleWord(ttl)
      + Octets.word(UInt16(truncatingIfNeeded: data.count)) + data
  }

  /// An A record; by default the good one at the name of the question.
  package static func address(
    _ address: String = goodAddress, at owner: [UInt8] = questionName, ttl: UInt32 = 60
  ) -> [UInt8] {
    record(owner, type: 1, data: Octets.address4(address), ttl: ttl)
  }

  /// A CNAME record.
  package static func alias(
    _ target: [UInt8], at owner: [UInt8] = questionName, ttl: UInt32 = 60
  ) -> [UInt8] {
    record(owner, type: 5, data: target, ttl: ttl)
  }

  /// The SOA of `zone`, whose MINIMUM is `minimum` seconds.
  package static func authority(
    _ zone: String = "test", ttl: UInt32 = 60, minimum: UInt32 = 30
  ) -> [UInt8] {
    let numbers = [1, 7200, 900, 86_400, minimum].flatMap(Octets.doubleWord)
    let data = Octets.name("ns.\(zone)") + Octets.name("host.\(zone)") + numbers
    return record(Octets.name(zone), type: 6, data: data, ttl: ttl)
  }

  /// An OPT record (RFC 6891 section 6.1.2) with options as `(code, data)`.
  package static func edns(
    size: UInt16 = 1232, upperCode: UInt8 = 0, version: UInt8 = 0, flags: UInt16 = 0,
    options: [(UInt16, [UInt8])] = [], owner: [UInt8] = [0]
  ) -> [UInt8] {
    let ttl = UInt32(upperCode) << 24 | UInt32(version) << 16 | UInt32(flags)
    let data = options.flatMap { code, data in
      Octets.word(code) + Octets.word(UInt16(truncatingIfNeeded: data.count)) + data
    }
    return record(owner, type: 41, data: data, ttl: ttl, recordClass: size)
  }
}
