import DNSWire
import PluginChain

/// What acceptance decided.
package enum Admission {
  /// The chain may have it; the reply holds the question.
  case admitted
  /// The reply is finished already: an error.
  case rejected
  /// No reply at all.
  case dropped
}

/// Ports whose services answer anything they get: a reply there could start a loop (echo, discard,
/// daytime, chargen, time). Port 0 cannot be answered.
private func isReflector(_ port: UInt16) -> Bool {
  switch port {
  case 0, 7, 13, 17, 19, 37: true
  default: false
  }
}

/// The one acceptance function, for every transport. Reads the query into `exchange` and starts the
/// reply. Total over any octets, linear in them, no allocation.
package func admit(_ query: borrowing Span<UInt8>, _ exchange: inout Exchange) -> Admission {
  // Shorter than a header: nothing to answer to (RFC 1035 §4.1.1).
  guard let header = Header(query) else { return .dropped }
  // A response is never answered, or two servers could talk for ever (CVE-2024-2169).
  if header.isResponse { return .dropped }
  if exchange.transport == .udp {
    if isReflector(exchange.client.port) || exchange.client == exchange.server { return .dropped }
  }
  exchange.reset(header: header)
  exchange.queryOctetCount = query.count
  exchange.reply.reset(sizeMax: exchange.replySizeMax, hasOPT: false)
  // Opcodes other than QUERY: a bare header (RFC 8906 §8.1.4).
  guard header.opcode == 0 else {
    exchange.reply.finishHeaderOnly(query: header, code: .notImplemented, keepFlags: false)
    return .rejected
  }
  guard header.questionCount == 1 else { return rejectQuestionCount(query, &exchange) }
  guard let nameEnd = exchange.name.parse(query, at: WireLimits.headerOctetCount),
    nameEnd <= query.count &- 4
  else {
    exchange.reply.finishHeaderOnly(query: header, code: .formatError, keepFlags: true)
    return .rejected
  }
  exchange.type = RRType(rawValue: query.word16(nameEnd))
  exchange.classCode = RRClass(rawValue: query.word16(nameEnd &+ 2))
  let end = nameEnd &+ 4
  let tail = readQueryTail(query, at: end, header: header, type: exchange.type)
  if case .wellFormed(let edns) = tail { exchange.edns = edns }
  if case .malformed(let edns) = tail { exchange.edns = edns }
  exchange.reply.reset(sizeMax: exchange.replySizeMax, hasOPT: exchange.edns != nil)
  exchange.reply.appendQuestion(query.extracting(WireLimits.headerOctetCount..<end))
  if case .malformed = tail { return reject(&exchange, .formatError) }
  if let edns = exchange.edns, !edns.optionsRange.isEmpty {
    exchange.queryOptions = endToEndOptions(query, edns.optionsRange, isReply: false)
  }
  return judge(&exchange)
}

/// What a well-formed query may not be.
private func judge(_ exchange: inout Exchange) -> Admission {
  // RFC 6891 §6.1.3: BADVERS, version 0 in the reply, nothing else.
  if let edns = exchange.edns, edns.version != 0 { return reject(&exchange, .badVersion) }
  // Whether CH is answered depends on the server block.
  guard exchange.classCode == .internet || exchange.classCode == .chaos else {
    return reject(&exchange, .refused, .notSupported, "class is not IN")
  }
  // No transfers are configured (RFC 5936 §4.2 leaves UDP undefined).
  if exchange.type == .axfr || exchange.type == .ixfr {
    return reject(&exchange, .refused, .notSupported, "no zone transfer")
  }
  return .admitted
}

/// QDCOUNT other than 1 (RFC 9619 §4). The count is never used as one; with none, an OPT may still
/// follow and is answered.
private func rejectQuestionCount(
  _ query: borrowing Span<UInt8>, _ exchange: inout Exchange
) -> Admission {
  let header = exchange.header
  if header.questionCount == 0,
    case .wellFormed(let edns) = readQueryTail(
      query, at: WireLimits.headerOctetCount, header: header, type: .a)
  {
    exchange.edns = edns
    exchange.reply.reset(sizeMax: exchange.replySizeMax, hasOPT: edns != nil)
    return reject(&exchange, .formatError)
  }
  exchange.reply.finishHeaderOnly(query: header, code: .formatError, keepFlags: true)
  return .rejected
}

private func reject(
  _ exchange: inout Exchange, _ code: ResponseCode, _ reason: ExtendedError? = nil,
  _ text: StaticString = ""
) -> Admission {
  exchange.fail(code, reason, text)
  finish(&exchange)
  return .rejected
}
