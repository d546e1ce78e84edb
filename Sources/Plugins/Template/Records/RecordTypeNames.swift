import DNSWire

/// Mnemonics of types, classes and codes as CoreDNS reads and writes them.
enum RecordTypeNames {
  /// Mnemonics by code (IANA, "Resource Record (RR) TYPEs").
  private static let names: [UInt16: String] = [
    1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR",
    10: "NULL", 12: "PTR", 13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP", 18: "AFSDB",
    19: "X25", 20: "ISDN", 21: "RT", 23: "NSAP-PTR", 24: "SIG", 25: "KEY", 26: "PX", 27: "GPOS",
    28: "AAAA", 29: "LOC", 30: "NXT", 31: "EID", 32: "NIMLOC", 33: "SRV", 34: "ATMA",
    35: "NAPTR", 36: "KX", 37: "CERT", 39: "DNAME", 42: "APL", 43: "DS", 44: "SSHFP",
    45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID", 50: "NSEC3",
    51: "NSEC3PARAM", 52: "TLSA", 53: "SMIMEA", 55: "HIP", 56: "NINFO", 57: "RKEY",
    58: "TALINK", 59: "CDS", 60: "CDNSKEY", 61: "OPENPGPKEY", 62: "CSYNC", 63: "ZONEMD",
    64: "SVCB", 65: "HTTPS", 99: "SPF", 100: "UINFO", 101: "UID", 102: "GID", 103: "UNSPEC",
    104: "NID", 105: "L32", 106: "L64", 107: "LP", 108: "EUI48", 109: "EUI64", 128: "NXNAME",
    249: "TKEY", 250: "TSIG", 251: "IXFR", 252: "AXFR", 253: "MAILB", 254: "MAILA", 255: "ANY",
    256: "URI", 257: "CAA", 258: "AVC", 260: "AMTRELAY", 261: "RESINFO", 32_768: "TA",
    32_769: "DLV", 65_535: "Reserved",
  ]
  private static let codes = Dictionary(uniqueKeysWithValues: names.map { ($0.value, $0.key) })

  /// All mnemonics, for hints.
  static var all: [String] { codes.keys.sorted() }

  /// The mnemonic of a type, `TYPE123` without one (RFC 3597 §5).
  static func name(of type: RRType) -> String { names[type.rawValue] ?? "TYPE\(type.rawValue)" }

  /// A type by its mnemonic in capitals, or `TYPE123`.
  static func type(_ name: String) -> RRType? {
    if let code = codes[name] { return RRType(rawValue: code) }
    return generic(name, "TYPE").map(RRType.init(rawValue:))
  }

  /// A class by its mnemonic in capitals, or `CLASS1`.
  static func classCode(_ name: String) -> RRClass? {
    switch name {
    case "IN": .internet
    case "CS": RRClass(rawValue: 2)
    case "CH": .chaos
    case "HS": RRClass(rawValue: 4)
    case "NONE": RRClass(rawValue: 254)
    case "ANY": .any
    default: generic(name, "CLASS").map(RRClass.init(rawValue:))
    }
  }

  /// Codes by mnemonic (IANA, "DNS RCODEs"; `NOTIMPL` is CoreDNS's).
  static let responseCodes: [String: UInt16] = [
    "NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "NOTIMPL": 4,
    "REFUSED": 5, "YXDOMAIN": 6, "YXRRSET": 7, "NXRRSET": 8, "NOTAUTH": 9, "NOTZONE": 10,
    "DSOTYPENI": 11, "BADSIG": 16, "BADVERS": 16, "BADKEY": 17, "BADTIME": 18, "BADMODE": 19,
    "BADNAME": 20, "BADALG": 21, "BADTRUNC": 22, "BADCOOKIE": 23,
  ]

  private static func generic(_ name: String, _ prefix: String) -> UInt16? {
    guard name.hasPrefix(prefix) else { return nil }
    let digits = name.dropFirst(prefix.count)
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return UInt16(digits)
  }
}
