import DNSWire
import PluginChain

/// An exchange with a reply buffer of its own, which is freed with it.
@safe
struct ExchangeBench: ~Copyable {
  /// Octets of the buffer: the largest reply there is.
  private static let octetCount = WireLimits.messageOctetCountMax

  private let base: UnsafeMutablePointer<UInt8>
  /// The exchange under test.
  var exchange: Exchange

  /// An exchange that was reset for a query of `transport` with `edns`, the question already in the
  /// reply.
  init(
    _ transport: Exchange.Transport = .udp, edns: EDNS? = nil, worker: Int = 0, seed: UInt64 = 1
  ) {
    let base = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.octetCount)
    unsafe base.initialize(repeating: 0, count: Self.octetCount)
    unsafe self.base = unsafe base
    // SAFETY: the block lives as long as this owner, and the exchange is its only writer.
    exchange = unsafe Exchange(
      worker: worker, reply: ReplyWriter(base: base, capacity: Self.octetCount), header: Header(),
      seed: seed)
    exchange.transport = transport
    start(edns: edns)
  }

  deinit {
    unsafe base.deallocate()
  }

  /// Starts over as the server does for each query.
  mutating func start(edns: EDNS?) {
    var header = Header()
    header.id = 0x1234
    header.questionCount = 1
    exchange.reset(header: header)
    exchange.edns = edns
    exchange.reply.reset(sizeMax: exchange.replySizeMax, hasOPT: edns != nil)
    let question: [UInt8] = [1, 0x61, 0, 0, 1, 0, 1]
    exchange.reply.appendQuestion(question.span)
  }

  /// Finishes the reply as the server does and returns its octets.
  mutating func finished() -> [UInt8] {
    exchange.reply.finish(
      query: exchange.header, edns: exchange.edns, payloadSize: exchange.payloadSize,
      error: exchange.extendedError)
    var framed: [UInt8] = []
    exchange.reply.appendFramed(to: &framed)
    return Array(framed.dropFirst(2))
  }
}

extension EDNS {
  /// Version 0, no flags.
  static func plain(_ payloadSize: UInt16) -> EDNS {
    EDNS(requestorPayloadSize: payloadSize, version: 0, dnssecOK: false)
  }
}

extension Exchange {
  /// Writes one address record owned by the question's name; whether it fit.
  mutating func appendAddress() -> Bool {
    reply.beginRecord()
    reply.appendQuestionOwned(.a, ttl: 5, dataLength: 4)
    reply.append32(0x0A00_0001)
    return reply.endRecord(.answer)
  }
}
