import DNSWire

/// Names made of addresses: endpoint and pod labels, and reverse names.
package enum AddressNames {
  /// The label for an address: dots and colons become dashes, and one that would end in a dash gets
  /// a zero (`fd00::` is `fd00--0`).
  package static func label(_ address: IPAddress) -> String {
    let text = String(
      address.description.map { $0 == "." || $0 == ":" ? "-" : $0 })
    return text.hasSuffix("-") ? text + "0" : text
  }

  /// Appends the label's octets; see `label(_:)`.
  static func appendLabel(_ address: IPAddress, to octets: inout [UInt8]) {
    guard address.family == .v4 else {
      octets += label(address).utf8
      return
    }
    for index in 0..<4 {
      let octet = address.octet(index)
      if index > 0 { octets.append(UInt8(ascii: "-")) }
      if octet >= 100 { octets.append(48 + octet / 100) }
      if octet >= 10 { octets.append(48 + octet / 10 % 10) }
      octets.append(48 + octet % 10)
    }
  }

  /// The address that a pod's label stands for, as CoreDNS reads it: three single dashes are IPv4,
  /// anything else IPv6. `nil` when it is no address. IPv4-mapped ones are IPv4.
  /// Allocates nothing: clients choose these names.
  package static func address(podLabel label: borrowing Span<UInt8>) -> IPAddress? {
    let dash = UInt8(ascii: "-")
    var dashes = 0
    var hasDouble = false
    for index in 0..<label.count {
      // A label may hold any octet; colons separate too, as in CoreDNS (`::1.NAMESPACE.pod`).
      if label[index] == UInt8(ascii: ".") { return nil }
      guard label[index] == dash else { continue }
      dashes += 1
      if index > 0, label[index - 1] == dash { hasDouble = true }
    }
    let separator = dashes == 3 && !hasDouble ? UInt8(ascii: ".") : UInt8(ascii: ":")
    guard let address = IPAddress(label, dash: separator) else { return nil }
    if address.family == .v6, address.high == 0, address.low >> 32 == 0xFFFF {
      return IPAddress(v4: UInt32(truncatingIfNeeded: address.low))
    }
    return address
  }

  /// An address's reverse name, absolute (RFC 1035 §3.5, RFC 3596 §2.5).
  static func reverseWire(_ address: IPAddress) -> [UInt8] {
    var wire: [UInt8] = []
    wire.reserveCapacity(address.family == .v4 ? 32 : 80)
    for index in (0..<address.octetCount).reversed() {
      let octet = address.octet(index)
      if address.family == .v6 {
        for digit in [octet & 15, octet >> 4] {
          wire.append(1)
          wire.append(digit < 10 ? 48 + digit : 87 + digit)
        }
        continue
      }
      wire.append(octet >= 100 ? 3 : octet >= 10 ? 2 : 1)
      if octet >= 100 { wire.append(48 + octet / 100) }
      if octet >= 10 { wire.append(48 + octet / 10 % 10) }
      wire.append(48 + octet % 10)
    }
    return wire + (address.family == .v4 ? "\u{7}in-addr\u{4}arpa\0" : "\u{3}ip6\u{4}arpa\0").utf8
  }

  /// The reverse name of `address` relative to the first of `zones` that holds it, with that zone's
  /// index; `nil` when none does. Longer zones win. `zones` are absolute folded wire names.
  static func reverseName(_ address: IPAddress, in zones: [[UInt8]]) -> (
    zone: Int, name: [UInt8]
  )? {
    let wire = reverseWire(address)
    var best: Int?
    // An address's labels are too short to look like the length of another.
    for (index, zone) in zones.enumerated() where wire.count >= zone.count {
      if let best, zones[best].count >= zone.count { continue }
      if wire[(wire.count - zone.count)...].elementsEqual(zone) { best = index }
    }
    guard let best else { return nil }
    return (best, Array(wire[..<(wire.count - zones[best].count)]))
  }
}

/// Wire octets of labels without a root octet; `nil` when one is empty or longer than 63 octets.
/// Folded, since names in the store are.
func relativeName(_ labels: [String]) -> [UInt8]? {
  var wire: [UInt8] = []
  for label in labels {
    let octets = Array(label.utf8)
    guard (1...WireLimits.labelOctetCountMax).contains(octets.count) else { return nil }
    wire.append(UInt8(truncatingIfNeeded: octets.count))
    wire += octets.map(DomainName.folded)
  }
  return wire
}
