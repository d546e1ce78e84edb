import TestSupport

/// Rows about QNAME (RFC 1035 §2.3.4, RFC 9267), QCLASS and QTYPE.
enum QuestionRows {
  private static let formatError: UInt16 = 1
  private static let refused: UInt16 = 5
  private static let notSupported: UInt16 = 21

  static let all: [AdmissionRow] = names + brokenNames + classes + types

  private static func label(_ count: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: count)] + [UInt8](repeating: 0x61, count: count)
  }

  private static let names: [AdmissionRow] = [
    AdmissionRow("N01 label of 63", Packet(name: label(63) + [0]), .admitted),
    AdmissionRow(
      "N05 name of 255",
      Packet(name: [63, 63, 63, 61].flatMap(label) + [0]), .admitted),
    AdmissionRow(
      "N07 127 labels", Packet(name: (0..<127).flatMap { _ in label(1) } + [0]), .admitted),
    AdmissionRow(
      "N18 any octet",
      Packet(name: [6, 0, 0x2E, 0x5C, 0x80, 0xFF, 0x0A, 3] + Array("org".utf8) + [0]), .admitted),
    AdmissionRow("N20 mixed case", Packet(name: Query.wireName("wWw.ExAmPlE.oRg")), .admitted),
    AdmissionRow("N22 root", Packet(name: [0]), .admitted),
  ]

  private static let brokenNameOctets: [(String, [UInt8])] = [
    ("N02 label type 01", [0x41] + [UInt8](repeating: 0x61, count: 65) + [0]),
    ("N03 label type 10", [0x81] + [UInt8](repeating: 0x61, count: 129) + [0]),
    ("N04 bit-string label", [0x41, 8, 0xFF, 0]),
    ("N06 name of 256", [63, 63, 63, 62].flatMap(label) + [0]),
    ("N08 128 labels", (0..<128).flatMap { _ in label(1) } + [0]),
    ("N09 pointer to itself", [0xC0, 12]),
    ("N10 two pointers in a loop", [0xC0, 14, 0xC0, 12]),
    ("N11 pointer into the header", [0xC0, 0]),
    ("N12 pointer past the end", [0xFF, 0xFF]),
    ("N14 pointer forward", [0xC0, 18, 0, 0, 0, 0, 0]),
    ("N15 label, then pointer back", [1, 0x61, 0xC0, 12]),
  ]

  private static let brokenNames: [AdmissionRow] =
    brokenNameOctets.map { id, name in
      AdmissionRow(id, Packet(name: name), .error(formatError, question: false))
    } + [
      AdmissionRow(
        "N13 half a pointer", octets: Packet().header + [0xC0], .error(formatError, question: false)
      ),
      AdmissionRow(
        "N17 label past the end", octets: Packet().header + [63, 0x61, 0x61],
        .error(formatError, question: false)),
      AdmissionRow(
        "H21 no question octets", octets: Packet().header, .error(formatError, question: false)),
    ]

  private static let classes: [AdmissionRow] =
    [0, 2, 3, 4, 254, 255, 65_280, 65_535].flatMap {
      (code: UInt16) in
      [
        AdmissionRow(
          "C01 class \(code)", Packet(questionClass: code), .error(refused, question: true)),
        AdmissionRow(
          "C01 class \(code) with OPT",
          Packet(counts: [1, 0, 0, 1], questionClass: code, tail: optRecord()),
          .error(refused, question: true, extended: notSupported), opt: .present),
      ]
    } + [
      AdmissionRow(
        "C03 CH TXT version.bind",
        Packet(name: Query.wireName("version.bind"), type: 16, questionClass: 3),
        .error(refused, question: true)),
      AdmissionRow(
        "class is looked at before AXFR",
        Packet(counts: [1, 0, 0, 1], type: 252, questionClass: 3, tail: optRecord()),
        .error(refused, question: true, extended: notSupported), opt: .present),
    ]

  /// Known, unknown and meta types: acceptance lets all but transfers through.
  private static let admittedTypes: [UInt16] = [
    0, 1, 2, 5, 6, 12, 15, 16, 20, 28, 33, 41, 43, 46, 47, 48, 64, 65, 128, 249, 250, 253, 254, 255,
    256, 257, 32_768, 65_280, 65_534, 65_535,
  ]

  private static let types: [AdmissionRow] =
    admittedTypes.map { AdmissionRow("C07 type \($0)", Packet(type: $0), .admitted) }
    + [
      AdmissionRow("C13 AXFR", Packet(type: 252), .error(refused, question: true)),
      AdmissionRow("C14 IXFR without SOA", Packet(type: 251), .error(refused, question: true)),
      AdmissionRow(
        "C14 IXFR with SOA",
        Packet(
          counts: [1, 0, 1, 0], type: 251,
          tail: record([0xC0, 12], 6, data: [UInt8](repeating: 0, count: 22))),
        .error(refused, question: true)),
      AdmissionRow(
        "C15 IXFR with SOA cut",
        Packet(counts: [1, 0, 1, 0], type: 251, tail: [0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22]),
        .error(formatError, question: true)),
      AdmissionRow(
        "C15 IXFR with another record",
        Packet(counts: [1, 0, 1, 0], type: 251, tail: record([0xC0, 12], 1, data: [1, 2, 3, 4])),
        .error(formatError, question: true)),
      AdmissionRow(
        "C15 IXFR with two SOA",
        Packet(
          counts: [1, 0, 2, 0], type: 251,
          tail: record([0xC0, 12], 6, data: [0, 0]) + record([0xC0, 12], 6, data: [0, 0])),
        .error(formatError, question: true)),
    ]
}
