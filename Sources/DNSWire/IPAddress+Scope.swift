extension IPAddress {
  /// Whether the address never leaves the machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3), also as an
  /// IPv4 address in the clothes of IPv6 (`::ffff:127.0.0.1`).
  package var isLoopback: Bool {
    if family == .v4 { return octet(0) == 127 }
    return high == 0 && (low == 1 || low >> 24 == 0xFFFF_7F)
  }

  /// Whether it stands for every address of its family.
  package var isWildcard: Bool { high == 0 && low == 0 }
}
