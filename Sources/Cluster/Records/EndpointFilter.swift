import DNSWire

/// The labels of some endpoints, as numbers: finds among many slices those that say something
/// about the same labels. Labels that only agree in a hash count as one, which costs a look at an
/// endpoint that stays as it is.
struct EndpointFilter {
  private var identities = Set<UInt64>()
  /// A bit for each of the last 14 bits of an identity: most endpoints are ruled out here.
  private var bits = [UInt64](repeating: 0, count: Self.bitCount / 64)
  private static let bitCount = 1 << 14

  /// Whether there are no labels.
  var isEmpty: Bool { identities.isEmpty }

  /// Adds the labels of all endpoints of a slice's block.
  mutating func insert(_ octets: [UInt8]) {
    var reader = PackedSliceReader(octets)
    while let endpoint = reader.next() {
      let identity = Self.identity(endpoint)
      identities.insert(identity)
      bits[Self.word(identity)] |= Self.bit(identity)
    }
  }

  /// Whether an endpoint has one of the labels.
  func contains(_ endpoint: PackedSliceReader.Endpoint) -> Bool {
    let identity = Self.identity(endpoint)
    return bits[Self.word(identity)] & Self.bit(identity) != 0 && identities.contains(identity)
  }

  private static func word(_ identity: UInt64) -> Int {
    Int(truncatingIfNeeded: identity >> 6) & (bitCount / 64 - 1)
  }

  private static func bit(_ identity: UInt64) -> UInt64 { 1 << (identity & 63) }

  /// The same for the same label, whether it was given or is the address's.
  private static func identity(_ endpoint: PackedSliceReader.Endpoint) -> UInt64 {
    guard let label = endpoint.label else { return identity(endpoint.address) }
    let folded = label.map(DomainName.folded)
    if let address = AddressNames.address(podLabel: folded.span) { return identity(address) }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for octet in folded { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
    return mixed(hash, 1)
  }

  private static func identity(_ address: IPAddress) -> UInt64 {
    // Pods' labels know no IPv4-mapped addresses.
    let isMapped = address.family == .v6 && address.high == 0 && address.low >> 32 == 0xFFFF
    return isMapped ? mixed(address.low << 32, 0) : mixed(address.high, address.low)
  }

  private static func mixed(_ high: UInt64, _ low: UInt64) -> UInt64 {
    let product = (high ^ 0x9E37_79B9_7F4A_7C15)
      .multipliedFullWidth(by: low ^ 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }
}
