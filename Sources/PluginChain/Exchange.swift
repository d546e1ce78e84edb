import DNSWire

/// One query and the reply to it: the single object that travels down and up the chain.
///
/// A worker owns a few and reuses them, so nothing here is allocated for a query. It is noncopyable
/// and always passed `inout`: whoever holds it is the only one who does.
public struct Exchange: ~Copyable {
  /// How the query came in; decides how large the reply may be.
  package enum Transport: UInt8, Sendable {
    /// A datagram: the reply must fit the client's buffer.
    case udp
    /// A stream with two-octet lengths: replies up to 65,535 octets.
    case tcp
  }

  // MARK: - The query

  /// The query's header; its ID and flags shape the reply's.
  package var header: Header
  /// QNAME, folded.
  package var name = QueryName()
  /// QTYPE.
  package var type = RRType.a
  /// QCLASS; the chain only sees IN.
  package var classCode = RRClass.internet
  /// What the OPT record said, when there was one.
  package var edns: EDNS?
  /// UDP or TCP.
  package var transport = Transport.udp
  /// Octets of the whole query.
  package var queryOctetCount = 0
  /// Who asked.
  package var client = TransportAddress(address: IPAddress(v4: 0), port: 0)
  /// The address and port that were asked; replies leave from there.
  package var server = TransportAddress(address: IPAddress(v4: 0), port: 0)

  // MARK: - The reply

  /// The reply being written; it starts with the client's question already in it.
  package var reply: ReplyWriter
  /// The payload size announced in OPT and the largest UDP reply, in octets.
  package var payloadSize: UInt16 = Exchange.defaultPayloadSize
  /// Says why, in OPT, when the client sent one (RFC 8914).
  package var extendedError: (code: ExtendedError, text: StaticString)?
  /// Chooses the record that address and MX sets start with; 0 keeps the order. `loadbalance` sets
  /// it on the way down, whoever writes records honors it.
  package var rotation: UInt32 = 0

  // MARK: - The worker

  /// The number of the worker that holds this exchange.
  package let worker: Int
  /// The height of the handler that answered: only those above it see the reply.
  package var answeredHeight = 0
  /// Names this query in its worker while it waits; see `Outcome.waiting`.
  package var ticket: UInt64 = 0
  /// When the query entered the chain, in nanoseconds of the monotonic clock; 0 when nobody asked
  /// for it.
  package var startNanoseconds: UInt64 = 0
  private var randomState: UInt64

  /// 1232: no reply is fragmented on any sane path (DNS flag day 2020, RFC 9715 §3.2).
  package static let defaultPayloadSize: UInt16 = 1232

  /// An exchange for `worker` that writes replies through `reply`.
  package init(worker: Int, reply: ReplyWriter, header: Header, seed: UInt64) {
    self.worker = worker
    self.reply = reply
    self.header = header
    randomState = seed | 1
  }

  /// Forgets the previous query, before the next is read into this exchange.
  package mutating func reset(header: Header) {
    self.header = header
    edns = nil
    extendedError = nil
    rotation = 0
    payloadSize = Self.defaultPayloadSize
    startNanoseconds = 0
    answeredHeight = 0
  }

  /// Octets of the reply once it is finished: what is written, OPT and the error in it.
  package var replyOctetCount: Int {
    guard edns != nil else { return reply.count }
    let error = extendedError.map { 6 + $0.text.utf8CodeUnitCount } ?? 0
    return reply.count + WireLimits.optOctetCount + error
  }

  /// Leaves a fresh exchange in this one's place and returns this one, to be parked. Both still
  /// write to the same buffer: the caller moves the parked one's reply away.
  package mutating func replacedByFresh() -> Exchange {
    var fresh = Exchange(
      worker: worker, reply: reply, header: header,
      seed: UInt64(nextRandom()) << 32 | UInt64(nextRandom()))
    fresh.transport = transport
    swap(&self, &fresh)
    return fresh
  }

  /// The next number of the worker's own generator (xorshift*): for spreading load, never for
  /// anything that must not be guessed.
  package mutating func nextRandom() -> UInt32 {
    randomState ^= randomState >> 12
    randomState ^= randomState << 25
    randomState ^= randomState >> 27
    return UInt32(truncatingIfNeeded: (randomState &* 0x2545_F491_4F6C_DD1D) >> 32)
  }

  /// The largest reply this client can take over this transport, in octets: over UDP what it
  /// announced, at least 512 (RFC 6891 §6.2.3) and at most our own payload size.
  package var replySizeMax: Int {
    if transport == .tcp { return WireLimits.messageOctetCountMax }
    guard let edns else { return WireLimits.plainPayloadOctetCount }
    let announced = max(Int(edns.requestorPayloadSize), WireLimits.plainPayloadOctetCount)
    return min(announced, max(Int(payloadSize), WireLimits.plainPayloadOctetCount))
  }

  /// Sets the payload size announced in OPT, and with it what fits into a UDP reply (`bufsize`).
  package mutating func setPayloadSize(_ octetCount: UInt16) {
    payloadSize = octetCount
    reply.setLimit(sizeMax: replySizeMax, hasOPT: edns != nil)
  }

  /// Takes records and flags back and leaves a reply of `code` alone.
  package mutating func fail(
    _ code: ResponseCode, _ reason: ExtendedError? = nil, _ text: StaticString = ""
  ) {
    reply.removeRecords()
    reply.isAuthoritative = false
    reply.responseCode = code
    if let reason { extendedError = (reason, text) }
  }
}

/// An address and a port.
package struct TransportAddress: Hashable, Sendable {
  /// The address.
  package var address: IPAddress
  /// The port.
  package var port: UInt16

  /// An address and a port.
  package init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}
