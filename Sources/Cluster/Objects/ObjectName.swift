/// The rules for names that become DNS labels.
package enum ObjectName {
  /// The longest label, in octets (RFC 1035 §2.3.4).
  package static let labelOctetCountMax = 63
  /// The longest name with dots that Kubernetes accepts for an object, in octets.
  package static let subdomainOctetCountMax = 253

  /// Whether `text` is a lower-case host label: 1...63 of `a-z`, `0-9` and inner `-`
  /// (RFC 1123 §2.1 as Kubernetes narrows it; RFC 1035 labels are among them).
  package static func isLabel(_ text: some StringProtocol) -> Bool {
    isLabel(Array(text.utf8)[...])
  }

  /// Whether `text` is labels joined by dots, 253 octets at most: the name of a Pod or a slice.
  package static func isSubdomain(_ text: some StringProtocol) -> Bool {
    let octets = Array(text.utf8)
    guard octets.count <= subdomainOctetCountMax else { return false }
    let labels = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.allSatisfy(isLabel)
  }

  private static func isLabel(_ octets: ArraySlice<UInt8>) -> Bool {
    guard let first = octets.first, let last = octets.last, octets.count <= labelOctetCountMax
    else { return false }
    let hyphen = UInt8(ascii: "-")
    return first != hyphen && last != hyphen
      && octets.allSatisfy { isLowerLetterOrDigit($0) || $0 == hyphen }
  }

  private static func isLowerLetterOrDigit(_ octet: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
  }
}
