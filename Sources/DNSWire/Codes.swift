/// TYPE and QTYPE, a 16-bit code (RFC 1035 §3.2.2, IANA "Resource Record (RR) TYPEs").
@usableFromInline package struct RRType: RawRepresentable, Hashable, Sendable {
  /// The code as it stands on the wire.
  @usableFromInline package let rawValue: UInt16
  /// Any code is a valid type; unknown ones are opaque (RFC 3597).
  @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// IPv4 address (RFC 1035 §3.4.1).
  @inlinable package static var a: RRType { .init(rawValue: 1) }
  /// Authoritative name server (RFC 1035 §3.3.11).
  @inlinable package static var ns: RRType { .init(rawValue: 2) }
  /// Alias (RFC 1035 §3.3.1).
  @inlinable package static var cname: RRType { .init(rawValue: 5) }
  /// Start of authority (RFC 1035 §3.3.13).
  @inlinable package static var soa: RRType { .init(rawValue: 6) }
  /// Reverse mapping (RFC 1035 §3.3.12).
  @inlinable package static var ptr: RRType { .init(rawValue: 12) }
  /// Host information; stands in for ANY (RFC 8482 §4.2).
  @inlinable package static var hinfo: RRType { .init(rawValue: 13) }
  /// Mail exchange (RFC 1035 §3.3.9).
  @inlinable package static var mx: RRType { .init(rawValue: 15) }
  /// Text (RFC 1035 §3.3.14).
  @inlinable package static var txt: RRType { .init(rawValue: 16) }
  /// IPv6 address (RFC 3596).
  @inlinable package static var aaaa: RRType { .init(rawValue: 28) }
  /// Service location (RFC 2782).
  @inlinable package static var srv: RRType { .init(rawValue: 33) }
  /// EDNS(0) pseudo-record (RFC 6891).
  @inlinable package static var opt: RRType { .init(rawValue: 41) }
  /// Transaction signature (RFC 8945).
  @inlinable package static var tsig: RRType { .init(rawValue: 250) }
  /// Incremental zone transfer, QTYPE only (RFC 1995).
  @inlinable package static var ixfr: RRType { .init(rawValue: 251) }
  /// Zone transfer, QTYPE only (RFC 5936).
  @inlinable package static var axfr: RRType { .init(rawValue: 252) }
  /// Any type, QTYPE only (RFC 8482).
  @inlinable package static var any: RRType { .init(rawValue: 255) }
}

extension RRType: CustomStringConvertible {
  private static let mnemonics: [UInt16: String] = [
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 28: "AAAA",
    33: "SRV", 35: "NAPTR", 39: "DNAME", 41: "OPT", 43: "DS", 46: "RRSIG", 47: "NSEC",
    48: "DNSKEY", 50: "NSEC3", 64: "SVCB", 65: "HTTPS", 250: "TSIG", 251: "IXFR", 252: "AXFR",
    255: "ANY", 257: "CAA",
  ]

  /// The mnemonic, or `TYPE12345` for a type without one here (RFC 3597 §5).
  @usableFromInline package var description: String {
    Self.mnemonics[rawValue] ?? "TYPE\(rawValue)"
  }
}

/// CLASS and QCLASS (RFC 1035 §3.2.4).
@usableFromInline package struct RRClass: RawRepresentable, Hashable, Sendable {
  /// The code as it stands on the wire.
  @usableFromInline package let rawValue: UInt16
  /// Any code is a valid class value on the wire.
  @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Internet.
  @inlinable package static var internet: RRClass { .init(rawValue: 1) }
  /// Chaosnet, used for `version.bind` and the like (RFC 4892).
  @inlinable package static var chaos: RRClass { .init(rawValue: 3) }
  /// Any class, QCLASS only.
  @inlinable package static var any: RRClass { .init(rawValue: 255) }
}

extension RRClass: CustomStringConvertible {
  /// `IN`, `CH`, `HS`, `NONE`, `ANY`, or `CLASS12345` (RFC 3597 §5).
  @usableFromInline package var description: String {
    switch rawValue {
    case 1: "IN"
    case 3: "CH"
    case 4: "HS"
    case 254: "NONE"
    case 255: "ANY"
    default: "CLASS\(rawValue)"
    }
  }
}

/// RCODE, twelve bits with EDNS (RFC 1035 §4.1.1, RFC 6891 §6.1.3).
@usableFromInline package struct ResponseCode: RawRepresentable, Hashable, Sendable {
  /// The extended code: the low four bits stand in the header, the rest in OPT.
  @usableFromInline package let rawValue: UInt16
  /// Any twelve-bit value.
  @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue & 0x0FFF }

  /// NOERROR.
  @inlinable package static var noError: ResponseCode { .init(rawValue: 0) }
  /// FORMERR: the query could not be interpreted.
  @inlinable package static var formatError: ResponseCode { .init(rawValue: 1) }
  /// SERVFAIL.
  @inlinable package static var serverFailure: ResponseCode { .init(rawValue: 2) }
  /// NXDOMAIN: the name does not exist.
  @inlinable package static var nameError: ResponseCode { .init(rawValue: 3) }
  /// NOTIMP: the opcode is not supported.
  @inlinable package static var notImplemented: ResponseCode { .init(rawValue: 4) }
  /// REFUSED: policy.
  @inlinable package static var refused: ResponseCode { .init(rawValue: 5) }
  /// BADVERS: an EDNS version above 0 (RFC 6891 §6.1.3).
  @inlinable package static var badVersion: ResponseCode { .init(rawValue: 16) }
}

extension ResponseCode: CustomStringConvertible {
  /// The mnemonic, or `RCODE1234`.
  @usableFromInline package var description: String {
    switch rawValue {
    case 0: "NOERROR"
    case 1: "FORMERR"
    case 2: "SERVFAIL"
    case 3: "NXDOMAIN"
    case 4: "NOTIMP"
    case 5: "REFUSED"
    case 9: "NOTAUTH"
    case 16: "BADVERS"
    default: "RCODE\(rawValue)"
    }
  }
}

/// INFO-CODE of an Extended DNS Error (RFC 8914 §5.2).
package enum ExtendedError: UInt16, Sendable {
  /// Other: see the text.
  case other = 0
  /// The answer is past its TTL: a newer one could not be had.
  case staleAnswer = 3
  /// The server is not ready to answer yet.
  case notReady = 14
  /// The name is left out by the operator's configuration.
  case blocked = 15
  /// The name's existence is denied from an answer past its TTL.
  case staleNameError = 19
  /// The query is refused by policy or overload.
  case prohibited = 18
  /// The server does not answer for this zone.
  case notAuthoritative = 20
  /// The operation, class or type is not supported.
  case notSupported = 21
  /// No upstream could be reached.
  case noReachableAuthority = 22
  /// The network failed on the way to an upstream.
  case networkError = 23
}
