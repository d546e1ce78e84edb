import DNSWire
import Patterns

/// A name in the presentation format that CoreDNS has in memory, which regular expressions match
/// and `.Name` is: what is special to zone files behind a backslash, what cannot be printed as
/// `\DDD`. Inline, so that matching allocates nothing.
struct PresentedName {
  /// Octets: 255 of a name, each as `\DDD`.
  static let octetCountMax = 1_024

  private var storage = InlineArray<1_024, UInt8>(repeating: 0)
  private(set) var count = 0

  /// The name of a query, in lower case.
  init(_ name: borrowing QueryName) {
    for label in 0..<name.labelCount {
      let start = name.offset(ofLabel: label)
      let length = Int(name.octets[start & 0xFF])
      for index in 0..<length { append(name.octets[(start &+ 1 &+ index) & 0xFF]) }
      put(UInt8(ascii: "."))
    }
    if name.labelCount == 0 { put(UInt8(ascii: ".")) }
  }

  /// A name with its case.
  init(_ name: DomainName) {
    for label in name.labels {
      for octet in label { append(octet) }
      put(UInt8(ascii: "."))
    }
    if count == 0 { put(UInt8(ascii: ".")) }
  }

  /// The octets.
  var octets: [UInt8] { (0..<count).map { storage[$0] } }

  /// Whether an expression matches.
  func matches(_ pattern: Pattern) -> Bool {
    pattern.matches(storage.span.extracting(0..<count))
  }

  /// The octets of an expression's whole match and of each group; `nil` without a match.
  func groups(_ pattern: Pattern) -> [Range<Int>?]? {
    pattern.groups(in: storage.span.extracting(0..<count))
  }

  private mutating func append(_ octet: UInt8) {
    switch octet {
    case UInt8(ascii: "."), UInt8(ascii: " "), UInt8(ascii: "'"), UInt8(ascii: "@"),
      UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\""),
      UInt8(ascii: "\\"):
      put(UInt8(ascii: "\\"))
      put(octet)
    case 0x21...0x7E: put(octet)
    default:
      put(UInt8(ascii: "\\"))
      put(48 &+ octet / 100)
      put(48 &+ octet / 10 % 10)
      put(48 &+ octet % 10)
    }
  }

  private mutating func put(_ octet: UInt8) {
    guard count < Self.octetCountMax else { return }
    storage[count] = octet
    count &+= 1
  }
}
