/// A question to send, built octet by octet.
package struct Query: Sendable {
  /// The record types tests ask for, by mnemonic.
  package enum Kind: UInt16, Sendable, CaseIterable {
    case a = 1
    case ns = 2
    case cname = 5
    case soa = 6
    case ptr = 12
    case mx = 15
    case txt = 16
    case aaaa = 28
    case srv = 33
    case https = 65
    case any = 255
    case caa = 257

    /// The type for a mnemonic such as `AAAA`.
    package init?(mnemonic: String) {
      let found = Self.allCases.first { "\($0)".uppercased() == mnemonic.uppercased() }
      guard let found else { return nil }
      self = found
    }
  }

  /// The message as it goes over the wire.
  package let bytes: [UInt8]

  /// A query with RD set, as dig sends it.
  ///
  /// - Parameters:
  ///   - name: presentation form without escapes; a final dot may be left out.
  ///   - payloadSize: the EDNS UDP payload size; no OPT record when nil.
  package init(_ name: String, _ kind: Kind, id: UInt16 = 0x1234, payloadSize: UInt16? = nil) {
    var bytes = Self.word(id) + Self.word(0x0100) + Self.word(1) + Self.word(0) + Self.word(0)
    bytes += Self.word(payloadSize == nil ? 0 : 1)
    bytes += Self.wireName(name) + Self.word(kind.rawValue) + Self.word(1)
    if let payloadSize {
      bytes += [0] + Self.word(41) + Self.word(payloadSize) + [0, 0, 0, 0] + Self.word(0)
    }
    self.bytes = bytes
  }

  /// A message as it is.
  package init(raw bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The octets of a name written without escapes; Unicode scalars above 255 are cut.
  package static func wireName(_ name: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for label in name.split(separator: ".") {
      let octets = label.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
      bytes += [UInt8(truncatingIfNeeded: octets.count)] + octets
    }
    return bytes + [0]
  }

  private static func word(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}
