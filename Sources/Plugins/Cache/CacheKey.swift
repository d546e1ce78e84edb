import DNSWire
import PluginChain

/// What an entry is found by, beside its name: the keyed hash of the folded name, QTYPE, and the DO
/// and CD bits, which change what an upstream answers (RFC 4035 §3.2). The class is always IN.
package struct CacheKey: Sendable {
  /// The keyed hash of the folded QNAME; only a hint, the name itself is compared too.
  package let hash: UInt64
  /// QTYPE; 0 stands for every type, which an NXDOMAIN answers.
  package let type: UInt16
  /// DO and CD: 0...3.
  package let bits: UInt8

  /// DO.
  static let wantsSignatures: UInt8 = 1
  /// CD.
  static let disablesChecks: UInt8 = 2
  /// Combinations of both.
  static let bitsCount: UInt8 = 4

  /// A key of its parts.
  package init(hash: UInt64, type: UInt16, bits: UInt8) {
    self.hash = hash
    self.type = type
    self.bits = bits & (Self.bitsCount &- 1)
  }

  /// The key of an exchange's question, with a hash of its name.
  package init(_ exchange: borrowing Exchange, hash: UInt64) {
    var bits: UInt8 = 0
    if exchange.edns?.dnssecOK == true { bits |= Self.wantsSignatures }
    if exchange.header.flags & HeaderFlag.checkingDisabled != 0 { bits |= Self.disablesChecks }
    self.init(hash: hash, type: exchange.type.rawValue, bits: bits)
  }

  /// The key of the same name for all types.
  package var forAllTypes: CacheKey { CacheKey(hash: hash, type: 0, bits: bits) }

  /// What chooses the bucket inside of a stripe; the stripe is chosen by the name alone.
  var tag: UInt32 {
    let mixed = (hash ^ (UInt64(type) << 8 | UInt64(bits))) &* 0x9E37_79B9_7F4A_7C15
    return UInt32(truncatingIfNeeded: mixed >> 32)
  }

  /// Whether replies to questions of `type` may be kept: not ANY, whose reply is any part of what
  /// there is, nor other types that name no data (128 to 255: RFC 6895 §3.1), nor OPT and 0.
  static func isKept(_ type: RRType) -> Bool {
    !(128...255).contains(type.rawValue) && type != .opt && type.rawValue != 0
  }
}
