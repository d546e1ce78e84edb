import DNSWire

/// Appends numbers, text and addresses to a block.
struct PackedWriter {
  private(set) var octets: [UInt8]

  init(_ key: PackedKey, uid: String) {
    octets = key.octets
    let uid = ObjectUID(text: uid)
    append64(uid.high)
    append64(uid.low)
  }

  /// A block without a UID: a slice list.
  init(list key: PackedKey) {
    octets = key.octets
  }

  mutating func append8(_ value: UInt8) { octets.append(value) }

  mutating func append16(_ value: UInt16) {
    octets.append(UInt8(truncatingIfNeeded: value))
    octets.append(UInt8(truncatingIfNeeded: value >> 8))
  }

  mutating func append32(_ value: UInt32) {
    append16(UInt16(truncatingIfNeeded: value))
    append16(UInt16(truncatingIfNeeded: value >> 16))
  }

  private mutating func append64(_ value: UInt64) {
    append32(UInt32(truncatingIfNeeded: value))
    append32(UInt32(truncatingIfNeeded: value >> 32))
  }

  /// A text of up to 255 octets; a longer one, which no record can hold, is cut.
  mutating func append(_ text: String) {
    let utf8 = text.utf8
    append8(UInt8(truncatingIfNeeded: min(utf8.count, 255)))
    octets += utf8.prefix(255)
  }

  /// A text given as octets; see `append(_:)`.
  mutating func append(_ text: [UInt8]) {
    append8(UInt8(truncatingIfNeeded: min(text.count, 255)))
    octets += text.prefix(255)
  }

  /// The 4 or 16 octets of an address.
  mutating func append(_ address: IPAddress) {
    for index in 0..<address.octetCount { octets.append(address.octet(index)) }
  }
}

/// Reads a block from behind its key; total over any octets: what is missing is zero.
struct PackedReader {
  private let octets: [UInt8]
  private(set) var index: Int

  /// The object's UID.
  private(set) var uid: ObjectUID

  init(_ octets: [UInt8]) {
    self.octets = octets
    index = octets.count > 2 ? PackedKey.length(octets[1], octets[2]) : octets.count
    uid = .none
    if octets.first == PackedKind.sliceList.rawValue { return }
    let high = read64()
    let low = read64()
    uid = ObjectUID(high: high, low: low)
  }

  /// The name in the block's key.
  var keyName: ArraySlice<UInt8> {
    let end = octets.count > 2 ? PackedKey.length(octets[1], octets[2]) : 0
    return octets.prefix(end).dropFirst(3).drop { $0 != 0 }.dropFirst()
  }

  var isAtEnd: Bool { index >= octets.count }

  mutating func read8() -> UInt8 {
    guard index < octets.count else { return 0 }
    defer { index += 1 }
    return octets[index]
  }

  mutating func read16() -> UInt16 {
    let low = UInt16(read8())
    return low | UInt16(read8()) << 8
  }

  mutating func read32() -> UInt32 {
    let low = UInt32(read16())
    return low | UInt32(read16()) << 16
  }

  private mutating func read64() -> UInt64 {
    let low = UInt64(read32())
    return low | UInt64(read32()) << 32
  }

  /// The octets of a text.
  mutating func readText() -> [UInt8] {
    let length = min(Int(read8()), octets.count - index)
    defer { index += length }
    return Array(octets[index..<(index + length)])
  }

  /// The octets of a text where they stand.
  mutating func readTextSlice() -> ArraySlice<UInt8> {
    let length = min(Int(read8()), octets.count - index)
    defer { index += length }
    return octets[index..<(index + length)]
  }

  /// Passes over a text.
  mutating func skipText() { _ = readTextSlice() }

  mutating func readAddress(_ family: IPAddress.Family) -> IPAddress {
    if family == .v4 { return IPAddress(v4: read32().byteSwapped) }
    let high = read64().byteSwapped
    return IPAddress(v6High: high, low: read64().byteSwapped)
  }
}

/// An object's UID in 16 octets: the number that a UUID is, or a digest of any other text.
package struct ObjectUID: Hashable, Sendable {
  /// The first eight octets.
  package let high: UInt64
  /// The last eight octets.
  package let low: UInt64

  /// What objects without a UID have.
  package static let none = ObjectUID(high: 0, low: 0)

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The UID of an object's `metadata.uid`; an empty text is `none`.
  package init(text: String) {
    var (high, low): (UInt64, UInt64) = (0, 0)
    var digits = 0
    var isUUID = text.utf8.count == 36
    for (index, octet) in text.utf8.enumerated() where isUUID {
      if [8, 13, 18, 23].contains(index) {
        isUUID = octet == UInt8(ascii: "-")
        continue
      }
      let digit: UInt8
      switch octet {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = octet - 48
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = octet - 87
      default:
        isUUID = false
        continue
      }
      if digits < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
      digits += 1
    }
    if !isUUID {
      (high, low) = (0, 0)
      // FNV-1a from two starting points, for texts that are no UUID as Kubernetes writes it.
      for octet in text.utf8 {
        high = ((high == 0 ? 0xCBF2_9CE4_8422_2325 : high) ^ UInt64(octet)) &* 0x100_0000_01B3
        low = ((low == 0 ? 0x8422_2325_CBF2_9CE4 : low) ^ UInt64(octet)) &* 0x100_0000_01B3
      }
    }
    self.init(high: high, low: low)
  }
}
