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

  /// The labels of an address's reverse name, leftmost first (RFC 1035 §3.5, RFC 3596 §2.5).
  static func reverseLabels(_ address: IPAddress) -> [[UInt8]] {
    switch address.family {
    case .v4:
      let numbers = (0..<4).reversed().map { Array(String(address.octet($0)).utf8) }
      return numbers + [Array("in-addr".utf8), Array("arpa".utf8)]
    case .v6:
      let hex = Array("0123456789abcdef".utf8)
      var labels: [[UInt8]] = []
      for index in (0..<16).reversed() {
        let octet = Int(address.octet(index))
        labels.append([hex[octet & 15]])
        labels.append([hex[octet >> 4]])
      }
      return labels + [Array("ip6".utf8), Array("arpa".utf8)]
    }
  }

  /// The reverse name of `address` relative to the first of `zones` that holds it, with that zone's
  /// index; `nil` when none does. Longer zones win.
  static func reverseName(_ address: IPAddress, in zones: [DomainName]) -> (
    zone: Int, name: [UInt8]
  )? {
    guard let name = DomainName(labels: reverseLabels(address)) else { return nil }
    let holding = zones.indices.filter { name.isAtOrBelow(zones[$0]) }
    guard let best = holding.max(by: { zones[$0].labelCount < zones[$1].labelCount }),
      let relative = name.relativeWire(to: zones[best])
    else { return nil }
    return (best, relative)
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
