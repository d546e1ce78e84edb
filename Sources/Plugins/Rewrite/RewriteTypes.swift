import DNSWire

/// The types that a rule may name (IANA, "Resource Record (RR) TYPEs").
enum RewriteTypes {
  /// The mnemonics, in upper case.
  static let names = codes.keys.map { $0.uppercased() }.sorted()

  /// The type of a mnemonic in lower case, or of `type12345` (RFC 3597 §5).
  static func type(_ name: String) -> RRType? {
    if let code = codes[name] { return RRType(rawValue: code) }
    guard name.hasPrefix("type"), let code = UInt16(name.dropFirst(4)),
      name.utf8.dropFirst(4).first.map({ (0x30...0x39).contains($0) }) == true
    else { return nil }
    return RRType(rawValue: code)
  }

  private static let codes: [String: UInt16] = [
    "a": 1, "ns": 2, "md": 3, "mf": 4, "cname": 5, "soa": 6, "mb": 7, "mg": 8, "mr": 9,
    "null": 10, "wks": 11, "ptr": 12, "hinfo": 13, "minfo": 14, "mx": 15, "txt": 16, "rp": 17,
    "afsdb": 18, "x25": 19, "isdn": 20, "rt": 21, "nsap": 22, "nsap-ptr": 23, "sig": 24,
    "key": 25, "px": 26, "gpos": 27, "aaaa": 28, "loc": 29, "nxt": 30, "eid": 31, "nimloc": 32,
    "srv": 33, "atma": 34, "naptr": 35, "kx": 36, "cert": 37, "a6": 38, "dname": 39, "sink": 40,
    "opt": 41, "apl": 42, "ds": 43, "sshfp": 44, "ipseckey": 45, "rrsig": 46, "nsec": 47,
    "dnskey": 48, "dhcid": 49, "nsec3": 50, "nsec3param": 51, "tlsa": 52, "smimea": 53,
    "hip": 55, "ninfo": 56, "rkey": 57, "talink": 58, "cds": 59, "cdnskey": 60,
    "openpgpkey": 61, "csync": 62, "zonemd": 63, "svcb": 64, "https": 65, "spf": 99,
    "uinfo": 100, "uid": 101, "gid": 102, "unspec": 103, "nid": 104, "l32": 105, "l64": 106,
    "lp": 107, "eui48": 108, "eui64": 109, "tkey": 249, "tsig": 250, "ixfr": 251, "axfr": 252,
    "mailb": 253, "maila": 254, "any": 255, "uri": 256, "caa": 257, "avc": 258, "amtrelay": 260,
    "ta": 32_768, "dlv": 32_769, "reserved": 65_535,
  ]
}
