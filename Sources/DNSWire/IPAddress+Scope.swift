extension IPAddress {
  /// Whether the address never leaves the machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3).
  package var isLoopback: Bool {
    family == .v4 ? octet(0) == 127 : high == 0 && low == 1
  }

  /// Whether it stands for every address of its family.
  package var isWildcard: Bool { high == 0 && low == 0 }
}
