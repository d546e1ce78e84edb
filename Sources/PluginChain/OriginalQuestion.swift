import DNSWire

/// What the client asked, while a handler has another question asked below (`rewrite`).
///
/// Whoever stands below and judges names, an access list for one, has to judge both: this one's and
/// the exchange's. Made once a query, only for those that are changed, and then only read.
package final class OriginalQuestion: Sendable {
  /// One thing that was changed.
  package struct Change: Sendable {
    /// The number of the rule that did it, of the handler that holds the rules.
    package let rule: Int
    /// The name that it found and the one that it made of it; `nil` when it left the name.
    package let names: (before: DomainName, after: DomainName)?

    /// A change by a rule.
    package init(rule: Int, names: (before: DomainName, after: DomainName)? = nil) {
      self.rule = rule
      self.names = names
    }
  }

  /// The question as on the wire, the client's case kept.
  package let octets: [UInt8]
  /// What the client's OPT record said.
  package let edns: EDNS?
  /// `Exchange.queryOptions` as they came.
  package let queryOptions: [UInt8]
  /// What was changed, in order.
  package let changes: [Change]
  /// Encoded options that the client is to get back in OPT.
  package let echoedOptions: [UInt8]

  /// The question of `exchange` before it was changed; see the properties.
  package init(
    octets: [UInt8], edns: EDNS?, queryOptions: [UInt8], changes: [Change],
    echoedOptions: [UInt8] = []
  ) {
    self.octets = octets
    self.edns = edns
    self.queryOptions = queryOptions
    self.changes = changes
    self.echoedOptions = echoedOptions
  }

  /// The name, its case kept; allocates.
  package var name: DomainName { DomainName(wire: Array(octets.dropLast(4))) ?? .root }
  /// QTYPE.
  package var type: RRType { RRType(rawValue: word(fromEnd: 4)) }
  /// QCLASS.
  package var classCode: RRClass { RRClass(rawValue: word(fromEnd: 2)) }

  private func word(fromEnd distance: Int) -> UInt16 {
    let octets = octets
    return octets.span.word16(octets.count &- distance)
  }
}

extension Exchange {
  /// Asks for another name below, in a reply that is empty yet.
  package mutating func askInstead(_ name: DomainName) {
    let question = name.wire + reply.question.suffix(4)
    guard self.name.parse(question.span, at: 0) != nil else { return }
    reply.replaceQuestion(question.span)
  }

  /// Asks for another type and class below.
  package mutating func askInstead(_ type: RRType, _ classCode: RRClass) {
    self.type = type
    self.classCode = classCode
    reply.patchQuestion(type, classCode)
  }

  /// Makes the client's question the exchange's again; what the reply says stays as it is, its
  /// question too.
  package mutating func restoreQuestion(_ original: OriginalQuestion) {
    let octets = original.octets
    guard name.parse(octets.span, at: 0) != nil else { return }
    type = original.type
    classCode = original.classCode
    edns = original.edns
    queryOptions = original.queryOptions
  }
}
