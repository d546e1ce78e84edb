import TestSupport

/// Rows about OPT and TSIG (RFC 6891, RFC 8906 §8.2, RFC 8945 §5.1).
enum EDNSRows {
  private static let formatError: UInt16 = 1
  private static let badVersion: UInt16 = 16

  static let all: [AdmissionRow] = good + versions + options + broken + signatures

  private static let good: [AdmissionRow] =
    [AdmissionRow("E01 no OPT", Packet(), .admitted)]
    + [0, 1, 511, 512, 1232, 4096, 65_535].map {
      AdmissionRow("E13 size \($0)", .opt(size: $0), .admitted, opt: .present)
    } + [
      AdmissionRow("E07 every flag but DO", .opt(flags: 0x7FFF), .admitted, opt: .present),
      AdmissionRow("E08 DO", .opt(flags: 0x8000), .admitted, opt: .presentWithDO),
      AdmissionRow("every flag", .opt(flags: 0xFFFF), .admitted, opt: .presentWithDO),
      AdmissionRow(
        "extended RCODE in a query",
        Packet(counts: [1, 0, 0, 1], tail: record([0], 41, 1232, ttl: [0xFF, 0, 0, 0])),
        .admitted, opt: .present),
      AdmissionRow(
        "OPT, then garbage", Packet(counts: [1, 0, 0, 1], tail: optRecord() + [1, 2, 3]),
        .admitted, opt: .present),
    ]

  private static let versions: [AdmissionRow] =
    [1, 2, 127, 255].flatMap { (version: UInt8) in
      [
        AdmissionRow(
          "E03 version \(version)", .opt(version: version), .error(badVersion, question: true),
          opt: .present),
        AdmissionRow(
          "E04 version \(version), DO, flags, option",
          .opt(version: version, flags: 0xFFFF, options: option(65_001, [1])),
          .error(badVersion, question: true), opt: .presentWithDO),
      ]
    } + [
      AdmissionRow(
        "version is looked at before class",
        Packet(counts: [1, 0, 0, 1], questionClass: 3, tail: optRecord(1232, 1)),
        .error(badVersion, question: true), opt: .present)
    ]

  private static func many(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in option(65_001) } }

  private static let options: [AdmissionRow] = [
    ("E05 unknown option", option(65_001, [1, 2, 3])),
    ("E06 option 0", option(0)),
    ("E32 option 65535", option(65_535, [9])),
    ("E32 EDE in a query", option(15, [0, 22])),
    ("E33 100 options", many(100)),
    ("E21 cookie of 8", option(10, [UInt8](repeating: 1, count: 8))),
    ("E24 cookie of 0", option(10)),
    ("E24 cookie of 7", option(10, [UInt8](repeating: 1, count: 7))),
    ("E24 cookie of 41", option(10, [UInt8](repeating: 1, count: 41))),
    ("E22 NSID", option(3)),
    ("E23 NSID with payload", option(3, [1, 2])),
    ("E27 ECS", option(8, [0, 1, 24, 0, 192, 0, 2])),
    ("E28 ECS malformed", option(8, [0])),
    ("E29 keepalive", option(11)),
    ("E30 padding", option(12, [UInt8](repeating: 0, count: 64))),
    ("E31 EXPIRE", option(9)),
    ("E34 3 KB", option(65_001, [UInt8](repeating: 7, count: 3000))),
  ].map { AdmissionRow($0, .opt(options: $1), .admitted, opt: .present) }

  private static func formErr(
    _ id: String, _ counts: [UInt16], _ tail: [UInt8], opt: AdmissionRow.Opt = .absent
  ) -> AdmissionRow {
    AdmissionRow(
      id, Packet(counts: counts, tail: tail), .error(formatError, question: true), opt: opt)
  }

  /// OPT with an RDLENGTH of its own.
  private static func optClaiming(_ length: UInt16, _ data: [UInt8]) -> [UInt8] {
    [0] + word(41) + word(1232) + [0, 0, 0, 0] + word(length) + data
  }

  private static let broken: [AdmissionRow] = [
    formErr("E09 two OPT", [1, 0, 0, 2], optRecord() + optRecord(), opt: .present),
    formErr("E10 OPT owner not root", [1, 0, 0, 1], record([1, 0x61, 0], 41, 1232)),
    formErr("E10 OPT owner a pointer to root", [1, 0, 0, 1], record([0xC0, 28], 41, 1232)),
    formErr("E11 OPT in answer", [1, 1, 0, 0], optRecord()),
    formErr("E12 OPT in authority", [1, 0, 1, 0], optRecord()),
    formErr("E15 option overruns RDLENGTH", [1, 0, 0, 1], optRecord(1232, 0, 0, [0, 3, 0, 1])),
    formErr("E15 option header cut", [1, 0, 0, 1], optRecord(1232, 0, 0, [0, 3, 0])),
    formErr("E16 RDLENGTH overruns the message", [1, 0, 0, 1], optClaiming(9, [0, 3, 0, 0])),
    formErr("E17 RDLENGTH 65,535", [1, 0, 0, 1], optClaiming(0xFFFF, [])),
    formErr("E33 101 options", [1, 0, 0, 1], optRecord(1232, 0, 0, many(101)), opt: .present),
    formErr("E33 200 options", [1, 0, 0, 1], optRecord(1232, 0, 0, many(200)), opt: .present),
  ]

  private static let signature = record([0], 250, 255, data: [0, 1, 2, 3])

  private static let signatures: [AdmissionRow] = [
    AdmissionRow(
      "E36 TSIG last", Packet(counts: [1, 0, 0, 1], tail: signature), .admitted),
    AdmissionRow(
      "E36 OPT, then TSIG", Packet(counts: [1, 0, 0, 2], tail: optRecord() + signature), .admitted,
      opt: .present),
    formErr("E37 TSIG, then OPT", [1, 0, 0, 2], signature + optRecord()),
    formErr("E37 two TSIG", [1, 0, 0, 2], signature + signature),
    formErr("E38 TSIG cut", [1, 0, 0, 1], signature.dropLast()),
  ]
}
