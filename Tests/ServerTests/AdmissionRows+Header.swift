import TestSupport

/// Rows about the header and the counts (RFC 1035 §4.1.1, RFC 8906 §8.1, RFC 9619).
enum HeaderRows {
  private static let formatError: UInt16 = 1
  private static let address = record([0xC0, 12], 1, data: [192, 0, 2, 9])

  static let all: [AdmissionRow] =
    flags + opcodes + counts + records + short

  private static let flags: [AdmissionRow] =
    [0, 1, 0xFFFF].map { AdmissionRow("H02 ID \($0)", Packet(id: $0), .admitted) }
    + [
      AdmissionRow("H01 QR", Packet(flags: 0x8000), .silence),
      AdmissionRow("H01 QR with everything", Packet(flags: 0xFFFF), .silence),
      AdmissionRow("H01 QR and unknown opcode", Packet(flags: 0xF800), .silence),
      AdmissionRow("H01 QR, nothing else", octets: Packet(flags: 0x8180).header, .silence),
      AdmissionRow("H03 no RD", Packet(flags: 0), .admitted),
      AdmissionRow("H04 Z", Packet(flags: 0x0140), .admitted),
      AdmissionRow("H05 AA", Packet(flags: 0x0500), .admitted),
      AdmissionRow("H06 TC", Packet(flags: 0x0300), .admitted),
      AdmissionRow("H07 RA", Packet(flags: 0x0180), .admitted),
      AdmissionRow("H08 AD", Packet(flags: 0x0120), .admitted),
      AdmissionRow("H09 CD", Packet(flags: 0x0110), .admitted),
      AdmissionRow("H10 all flags", Packet(flags: 0x07F0), .admitted),
    ]
    + (1...15).map { AdmissionRow("H11 RCODE \($0)", Packet(flags: 0x0100 | $0), .admitted) }

  private static let opcodes: [AdmissionRow] = (1...15).flatMap { (opcode: UInt16) in
    [
      AdmissionRow(
        "H12 opcode \(opcode), header only",
        octets: Packet(flags: opcode << 11, counts: [0, 0, 0, 0]).header, .bareNotImplemented),
      AdmissionRow(
        "H13 opcode \(opcode), every flag", octets: Packet(flags: opcode << 11 | 0x07FF).header,
        .bareNotImplemented),
      AdmissionRow(
        "H14 opcode \(opcode) with a question", Packet(flags: opcode << 11), .bareNotImplemented),
      AdmissionRow(
        "opcode \(opcode) with OPT",
        Packet(flags: opcode << 11, counts: [1, 0, 0, 1], tail: optRecord()), .bareNotImplemented),
    ]
  }

  private static let counts: [AdmissionRow] = [
    AdmissionRow(
      "H17 no question", octets: Packet(counts: [0, 0, 0, 0]).header,
      .error(formatError, question: false)),
    AdmissionRow(
      "E20 no question but OPT", octets: Packet(counts: [0, 0, 0, 1]).header + optRecord(),
      .error(formatError, question: false), opt: .present),
    AdmissionRow(
      "no question, OPT cut", octets: Packet(counts: [0, 0, 0, 1]).header + optRecord().dropLast(),
      .error(formatError, question: false)),
    AdmissionRow(
      "H18 two questions", Packet(counts: [2, 0, 0, 0], tail: Packet().question),
      .error(formatError, question: false)),
    AdmissionRow(
      "two questions and OPT", Packet(counts: [2, 0, 0, 1], tail: Packet().question + optRecord()),
      .error(formatError, question: false)),
    AdmissionRow(
      "H19 two questions, one there", Packet(counts: [2, 0, 0, 0]),
      .error(formatError, question: false)),
    AdmissionRow(
      "H20 65,535 questions", Packet(counts: [0xFFFF, 0, 0, 0]),
      .error(formatError, question: false)),
    AdmissionRow(
      "all counts 65,535", Packet(counts: [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF]),
      .error(formatError, question: false)),
    AdmissionRow(
      "H26 an answer claimed, none there", Packet(counts: [1, 1, 0, 0]),
      .error(formatError, question: true)),
    AdmissionRow(
      "H26 65,535 answers claimed", Packet(counts: [1, 0xFFFF, 0, 0]),
      .error(formatError, question: true)),
    AdmissionRow(
      "H27 an additional claimed, none there", Packet(counts: [1, 0, 0, 1]),
      .error(formatError, question: true)),
    AdmissionRow(
      "H27 one OPT, 65,535 claimed", Packet(counts: [1, 0, 0, 0xFFFF], tail: optRecord()),
      .error(formatError, question: true), opt: .present),
    AdmissionRow(
      "H28 trailing garbage", Packet(tail: [0xFF, 0xFF, 0xFF]), .admitted),
    AdmissionRow(
      "H28 trailing OPT that no count covers", Packet(tail: optRecord()), .admitted),
  ]

  private static let records: [AdmissionRow] = [
    AdmissionRow(
      "H23 record in answer", Packet(counts: [1, 1, 0, 0], tail: address),
      .error(formatError, question: true)),
    AdmissionRow(
      "H24 record in authority", Packet(counts: [1, 0, 1, 0], tail: address),
      .error(formatError, question: true)),
    AdmissionRow(
      "H25 record in additional", Packet(counts: [1, 0, 0, 1], tail: address),
      .error(formatError, question: true)),
    AdmissionRow(
      "OPT, then a record", Packet(counts: [1, 0, 0, 2], tail: optRecord() + address),
      .error(formatError, question: true), opt: .present),
    AdmissionRow(
      "a record, then OPT", Packet(counts: [1, 0, 0, 2], tail: address + optRecord()),
      .error(formatError, question: true)),
  ]

  private static let short: [AdmissionRow] = (0...11).map { count in
    AdmissionRow("H29 \(count) octets", octets: Array(Packet().octets.prefix(count)), .silence)
  }
}
