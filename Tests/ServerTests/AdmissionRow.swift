import Testing

/// A packet and what acceptance must make of it.
struct AdmissionRow: CustomTestStringConvertible, Sendable {
  /// What comes back.
  enum Expected: Sendable {
    /// Nothing.
    case silence
    /// The chain gets it and answers with one record.
    case admitted
    /// An error: RCODE, whether the question is echoed, and INFO-CODE of the extended error.
    case error(UInt16, question: Bool, extended: UInt16? = nil)
    /// NOTIMP: twelve octets, every flag but QR and OPCODE zero.
    case bareNotImplemented
  }

  /// Names the row.
  let id: String
  /// The query.
  let packet: [UInt8]
  /// What must come of it.
  let expected: Expected
  /// The octets of the question, when it is to be echoed.
  let question: [UInt8]
  /// OPT must be in the reply, because one was read; with DO copied.
  let opt: Opt

  /// What is expected of OPT in the reply.
  enum Opt: Sendable {
    case absent, present, presentWithDO
  }

  var testDescription: String { id }

  /// A row about `packet`.
  init(_ id: String, _ packet: Packet, _ expected: Expected, opt: Opt = .absent) {
    self.init(id, octets: packet.octets, question: packet.question, expected, opt: opt)
  }

  /// A row about octets that `Packet` does not make.
  init(
    _ id: String, octets: [UInt8], question: [UInt8] = [], _ expected: Expected, opt: Opt = .absent
  ) {
    self.id = id
    packet = octets
    self.question = question
    self.expected = expected
    self.opt = opt
  }

  /// Whether the chain gets the query.
  var isAdmitted: Bool {
    if case .admitted = expected { return true }
    return false
  }
}
