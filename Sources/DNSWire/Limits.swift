/// The bounds of names and messages, each with its source.
package enum WireLimits {
  /// Octets of a label (RFC 1035 §2.3.4).
  package static let labelOctetCountMax = 63
  /// Octets of a name on the wire, root label included (RFC 1035 §2.3.4).
  package static let nameOctetCountMax = 255
  /// Labels of a name, root not counted: (255 - 1) / 2.
  package static let labelCountMax = 127
  /// Octets of the header (RFC 1035 §4.1.1).
  package static let headerOctetCount = 12
  /// The largest UDP payload without EDNS (RFC 1035 §4.2.1).
  package static let plainPayloadOctetCount = 512
  /// Octets of an OPT record without options: root, TYPE, CLASS, TTL, RDLENGTH.
  package static let optOctetCount = 11
  /// Options read in one OPT; more is a format error, so that work stays linear in little.
  package static let optionCountMax = 100
  /// Compression pointers followed in one name: each must point backwards, and a name of 255 octets
  /// has at most 127 labels, so more hops can only be a loop.
  package static let pointerHopCountMax = 127
  /// The largest message: a two-octet length over TCP (RFC 1035 §4.2.2).
  package static let messageOctetCountMax = 65_535
  /// The largest offset a compression pointer can name: fourteen bits (RFC 1035 §4.1.4).
  package static let pointerOffsetMax = 0x3FFF
}
