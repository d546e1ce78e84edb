/// Types that copying replies tells apart besides those of `RRType` itself.
extension RRType {
  /// Alias of a whole subtree (RFC 6672).
  package static var dname: RRType { .init(rawValue: 39) }
  /// Delegation signer (RFC 4034 §5).
  package static var ds: RRType { .init(rawValue: 43) }
  /// Signature of a record set (RFC 4034 §3).
  package static var rrsig: RRType { .init(rawValue: 46) }
  /// Denial of existence (RFC 4034 §4).
  package static var nsec: RRType { .init(rawValue: 47) }
  /// Denial of existence, hashed (RFC 5155).
  package static var nsec3: RRType { .init(rawValue: 50) }
}
