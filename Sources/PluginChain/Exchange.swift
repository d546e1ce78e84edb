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
  /// QCLASS: IN, or CH down to the handler that answers it (`Handler.answersChaos`).
  package var classCode = RRClass.internet
  /// What the OPT record said, when there was one.
  package var edns: EDNS?
  /// UDP or TCP.
  package var transport = Transport.udp
  /// Octets of the whole query.
  package var queryOctetCount = 0
  /// How long the connection may be silent from now on, in tenths of a second; 0 when the client is
  /// to close it. For clients that ask (RFC 7828).
  package var idleTenths: UInt16 = 0
  /// Options of the query's OPT record that are meant for whoever answers in the end, encoded;
  /// those between neighbors (COOKIE, TCP keepalive, padding) are left out. Mostly empty.
  package var queryOptions: [UInt8] = []
  /// What the client asked, when a handler above has another question asked; `nil` for most. Name,
  /// type, class, `edns` and `queryOptions` are then those of the other one, on the way down and up
  /// to that handler. Who judges names judges both.
  package var original: OriginalQuestion?
  /// The question is a target of an alias, asked by the server itself.
  package var isSubQuery = false
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
  /// Options from whoever answered, encoded, to go into OPT when they fit. Mostly empty.
  package var replyOptions: [UInt8] = []
  /// The reply is another server's, whole and valid: `cache` may keep it. What is answered from
  /// memory never is kept: memory is as fast and always up to date.
  package var isKeepable = false
  /// Where in the reply the target of the last alias stands, when that target is not answered
  /// there; 0 otherwise. The server then looks the target up through its own routes.
  package var aliasTarget = 0
  /// The alias was answered from memory: its target may be anywhere. Otherwise whoever answered
  /// followed it as far as it could, and only a target in a zone of ours is looked up.
  package var aliasIsOurs = false
  /// Aliases whose targets were looked up so far.
  package var aliasCount = 0
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
  /// The monotonic clock in nanoseconds, read once for a batch of queries and at each resumption.
  package var now: UInt64 = 0
  /// No client waits for this one: `cache` has a question asked again.
  package var isRefresh = false
  /// Nobody asks: somebody wants to know what would be answered (`explain`). Nothing is counted,
  /// logged, kept or sent for it. Stays for all queries of this exchange.
  package var isRehearsal = false
  /// The height of a handler that wants this question asked again from below it, without a client,
  /// once the reply is out; 0 when none does.
  package var refreshHeight = 0
  /// When a handler wants to be asked for a reply (`Handler.hurry`) if the query still waits then,
  /// in nanoseconds of the monotonic clock.
  package var hurryAt = UInt64.max
  /// The height of that handler.
  package var hurryHeight = 0
  /// When the wait ends with SERVFAIL at the latest, in nanoseconds of the monotonic clock.
  package var waitDeadline = UInt64.max
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
    isKeepable = false
    aliasTarget = 0
    aliasIsOurs = false
    aliasCount = 0
    isRefresh = false
    isSubQuery = false
    refreshHeight = 0
    hurryAt = .max
    hurryHeight = 0
    waitDeadline = .max
    if original != nil { original = nil }
    if !queryOptions.isEmpty { queryOptions = [] }
    if !replyOptions.isEmpty { replyOptions = [] }
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
    fresh.now = now
    swap(&self, &fresh)
    return fresh
  }

  /// Another exchange with the same question from the same client, and nothing of a reply yet.
  /// It writes where this one does: the caller gives it a buffer of its own.
  package mutating func twin() -> Exchange {
    var twin = Exchange(
      worker: worker, reply: reply, header: header,
      seed: UInt64(nextRandom()) << 32 | UInt64(nextRandom()))
    twin.name.copy(name)
    twin.type = type
    twin.classCode = classCode
    twin.edns = edns
    twin.transport = transport
    twin.queryOctetCount = queryOctetCount
    twin.idleTenths = idleTenths
    twin.queryOptions = queryOptions
    twin.original = original
    twin.isSubQuery = isSubQuery
    twin.client = client
    twin.server = server
    twin.payloadSize = payloadSize
    twin.rotation = rotation
    twin.ticket = ticket
    twin.isRehearsal = isRehearsal
    twin.now = now
    twin.startNanoseconds = startNanoseconds
    twin.reply.clear()
    return twin
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
    isKeepable = false
    aliasTarget = 0
    if !replyOptions.isEmpty { replyOptions = [] }
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
