import DNSWire

/// A question that somebody wants to know about without asking it.
public struct Question: Sendable {
  /// QNAME.
  package let name: DomainName
  /// QTYPE.
  package let type: RRType
  /// When, in nanoseconds of the monotonic clock.
  package let now: UInt64

  /// A question at a moment.
  package init(name: DomainName, type: RRType, now: UInt64) {
    self.name = name
    self.type = type
    self.now = now
  }
}
