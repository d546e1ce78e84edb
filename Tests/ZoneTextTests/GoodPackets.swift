import DNSWire

/// Well-formed messages that mutations start from: queries of all kinds and replies with every type
/// that is written.
enum GoodPackets {
  static let all: [[UInt8]] = queries + replies

  private static func header(_ flags: Int, _ counts: [Int]) -> [UInt8] {
    octets16(0x5357) + octets16(flags) + counts.flatMap(octets16)
  }

  private static func opt(_ options: [UInt8] = [], flags: Int = 0, version: UInt8 = 0) -> [UInt8] {
    [0, 0, 41, 4, 208, 0, version] + octets16(flags) + octets16(options.count) + options
  }

  private static func question(_ name: String, _ type: RRType = .a) -> [UInt8] {
    wire(name) + octets16(Int(type.rawValue)) + [0, 1]
  }

  private static let service = "kubernetes.default.svc.cluster.local"
  private static let cookie: [UInt8] = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]
  private static let tsig: [UInt8] =
    wire("key.example") + [0, 250, 0, 255, 0, 0, 0, 0, 0, 29] + wire("hmac-sha256")
    + [0, 0, 0x66, 0, 0, 0, 1, 44, 0, 0, 0, 7, 0, 0, 0, 0]
  private static let soa: [UInt8] =
    [0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 5, 0, 22, 0, 0] + Array(repeating: 1, count: 20)

  /// Queries, from the plain one to those with all that may follow a question.
  static let queries: [[UInt8]] = [
    header(0x0100, [1, 0, 0, 0]) + question(service),
    header(0x0100, [1, 0, 0, 0]) + question("KuBeRnEtEs.Default.SVC.cluster.LOCAL", .aaaa),
    header(0, [1, 0, 0, 0]) + question("", .ns),
    header(0x0120, [1, 0, 0, 1]) + question(service, .srv) + opt(),
    header(0x0110, [1, 0, 0, 1]) + question(service, .any) + opt(flags: 0x8000),
    header(0x0100, [1, 0, 0, 1]) + question(service) + opt(cookie),
    header(0x0100, [1, 0, 0, 1]) + question(service)
      + opt(cookie + [0, 3, 0, 0] + [0, 12, 0, 2, 0, 0]),
    header(0x0100, [1, 0, 0, 1]) + question(service) + opt(version: 1),
    header(0x0100, [1, 0, 0, 1]) + question("a", .txt) + opt(Array(repeating: 0, count: 400)),
    header(0x0100, [1, 0, 0, 1]) + question(service) + tsig,
    header(0x0100, [1, 0, 0, 2]) + question(service) + opt() + tsig,
    header(0, [1, 0, 1, 0]) + question("cluster.local", .ixfr) + soa,
    header(0, [1, 0, 1, 1]) + question("cluster.local", .ixfr) + soa + opt(),
    header(0, [1, 0, 0, 0]) + question("cluster.local", .axfr),
    header(0x2800, [1, 0, 0, 0]) + question("cluster.local", .soa),
    header(0x0100, [0, 0, 0, 1]) + opt(cookie),
    header(0x0100, [2, 0, 0, 0]) + question(service) + question(service, .aaaa),
    header(0x0100, [1, 0, 0, 0]) + Array(repeating: [1, 97] as [UInt8], count: 127).flatMap { $0 }
      + [0, 0, 1, 0, 1],
  ]

  /// Replies of the writer, compressed, of a few records and of many.
  static let replies: [[UInt8]] = (0..<16).map { number in
    var generator = RecordGenerator(seed: UInt64(number))
    return compose(capacity: 1_232) { writer in
      writer.reset(sizeMax: 1_232, hasOPT: true)
      writer.appendQuestion(question(service).span)
      var compressor = NameCompressor()
      for section in [ReplyWriter.Section.answer, .authority, .additional] {
        for _ in 0..<(1 + number / 2) {
          _ = generator.record().write(to: &writer, &compressor, section)
        }
      }
      let edns = EDNS(requestorPayloadSize: 1_232, version: 0, dnssecOK: false)
      writer.finish(
        query: Header(), edns: number % 3 == 0 ? nil : edns, payloadSize: 1_232,
        error: number % 2 == 0 ? nil : (.other, "words"))
    }
  }
}
