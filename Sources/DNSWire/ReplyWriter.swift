import Glibc

/// Writes one response into a buffer that a worker owns, record by record.
///
/// A record is written whole or not at all: `beginRecord()`, the `append` calls, `endRecord(_:)`.
/// What does not fit below `limit` is taken back; in the answer or authority section that sets TC
/// (RFC 2181 §9), in the additional section the record is just left out. Room for OPT is kept from
/// the start. Nothing here allocates and no append can write outside of the buffer.
///
/// This is DNSWire's one file with unsafe code. The argument: `base` points to `capacity` octets
/// that the creator keeps alive and exclusive for as long as the writer is used; `limit` is never
/// above `capacity`; every write goes through `reserve(_:)`, which compares with `limit`, or
/// through `patch16`, which compares with `count`.
@safe @usableFromInline
package struct ReplyWriter {
  @usableFromInline let base: UnsafeMutablePointer<UInt8>
  @usableFromInline let capacity: Int
  /// Octets written so far.
  @usableFromInline package internal(set) var count = 0
  /// Octets that records may fill: the size for this client less what OPT needs.
  @usableFromInline package internal(set) var limit = 0
  @usableFromInline var recordStart = 0
  @usableFromInline var overflowed = false
  /// Where records start: after header and question.
  package private(set) var recordsOffset = 0
  /// Records in the answer section.
  @usableFromInline package internal(set) var answerCount: UInt16 = 0
  /// Records in the authority section.
  @usableFromInline package internal(set) var authorityCount: UInt16 = 0
  /// Records in the additional section; OPT is added by `finish`.
  @usableFromInline package internal(set) var additionalCount: UInt16 = 0
  /// TC: something that belongs in the reply did not fit.
  @usableFromInline package var isTruncated = false
  /// AA.
  package var isAuthoritative = false
  /// RA.
  package var recursionAvailable = false
  /// AD.
  package var isAuthentic = false
  /// RCODE, extended.
  package var responseCode = ResponseCode.noError
  private var hasQuestion = false

  /// A writer over `capacity` octets at `base`, which must outlive every use of the writer and be
  /// touched by nothing else meanwhile.
  @unsafe package init(base: UnsafeMutablePointer<UInt8>, capacity: Int) {
    unsafe self.base = base
    self.capacity = max(0, capacity)
  }

  // MARK: - Start

  /// Starts a reply of at most `sizeMax` octets; `hasOPT` keeps room for the OPT record.
  package mutating func reset(sizeMax: Int, hasOPT: Bool) {
    let size = max(0, min(sizeMax, capacity))
    limit = max(
      WireLimits.headerOctetCount, hasOPT ? size &- WireLimits.optOctetCount : size)
    limit = min(limit, capacity)
    overflowed = false
    isTruncated = false
    isAuthoritative = false
    recursionAvailable = false
    isAuthentic = false
    responseCode = .noError
    hasQuestion = false
    count = min(WireLimits.headerOctetCount, capacity)
    recordsOffset = count
    clearCounts()
  }

  private mutating func clearCounts() {
    answerCount = 0
    authorityCount = 0
    additionalCount = 0
  }

  /// Copies the client's question, octet by octet as it came (its case is part of it).
  package mutating func appendQuestion(_ question: borrowing Span<UInt8>) {
    append(question)
    hasQuestion = !overflowed
    recordsOffset = count
  }

  /// Takes every record back; header bits and question stay.
  package mutating func removeRecords() {
    count = recordsOffset
    isTruncated = false
    clearCounts()
  }

  /// Takes records, flags and code back; the question stays.
  package mutating func clear() {
    removeRecords()
    isAuthoritative = false
    recursionAvailable = false
    isAuthentic = false
    responseCode = .noError
  }

  // MARK: - Records

  /// The sections a record may be written to.
  @usableFromInline package enum Section: Sendable {
    /// Answer: what does not fit sets TC.
    case answer
    /// Authority: what does not fit sets TC.
    case authority
    /// Additional: what does not fit is left out (RFC 2181 §9).
    case additional
  }

  /// Marks where a record starts.
  @inlinable package mutating func beginRecord() {
    recordStart = count
    overflowed = false
  }

  /// Ends the record: counts it, or takes it back when it did not fit (then `false`).
  @inlinable package mutating func endRecord(_ section: Section) -> Bool {
    if overflowed {
      count = recordStart
      overflowed = false
      if section != .additional { isTruncated = true }
      return false
    }
    switch section {
    case .answer: answerCount &+= 1
    case .authority: authorityCount &+= 1
    case .additional: additionalCount &+= 1
    }
    return true
  }

  // MARK: - Octets

  @inlinable mutating func reserve(_ octets: Int) -> Bool {
    guard octets >= 0, octets <= limit &- count else {
      overflowed = true
      return false
    }
    return true
  }

  /// Appends one octet.
  @inlinable package mutating func append8(_ value: UInt8) {
    guard reserve(1) else { return }
    // SAFETY: reserve: count + 1 <= limit <= capacity.
    unsafe base[count] = value
    count &+= 1
  }

  /// Appends a 16-bit number in network order.
  @inlinable package mutating func append16(_ value: UInt16) {
    guard reserve(2) else { return }
    // SAFETY: reserve: count + 2 <= limit <= capacity.
    unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: value.bigEndian, as: UInt16.self)
    count &+= 2
  }

  /// Appends a 32-bit number in network order.
  @inlinable package mutating func append32(_ value: UInt32) {
    guard reserve(4) else { return }
    // SAFETY: reserve: count + 4 <= limit <= capacity.
    unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: value.bigEndian, as: UInt32.self)
    count &+= 4
  }

  /// Appends a span's octets.
  @inlinable package mutating func append(_ octets: borrowing Span<UInt8>) {
    let length = octets.count
    guard reserve(length) else { return }
    let target = unsafe base + count
    // SAFETY: reserve: count + length <= limit <= capacity; the buffer is ours alone, no overlap.
    unsafe octets.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { unsafe target.update(from: start, count: length) }
    }
    count &+= length
  }

  /// Appends `length` octets from memory that the caller vouches for.
  @inlinable @unsafe
  package mutating func append(from source: UnsafeRawPointer, length: Int) {
    guard reserve(length) else { return }
    // SAFETY: reserve: count + length <= limit <= capacity; the caller vouches for the source.
    unsafe memcpy(base + count, source, length)
    count &+= length
  }

  /// Appends what stands at `offset` of the reply already, for instance the question's zone.
  @inlinable package mutating func appendCopy(ofReplyAt offset: Int, length: Int) {
    guard offset >= 0, length >= 0, offset <= count &- length, reserve(length) else { return }
    // SAFETY: source ends at or before count, target starts at count and is reserved: no overlap.
    unsafe memcpy(base + count, base + offset, length)
    count &+= length
  }

  /// Overwrites a 16-bit number that was written before (a length, a count).
  @inlinable package mutating func patch16(_ value: UInt16, at offset: Int) {
    guard offset >= 0, offset <= count &- 2 else { return }
    // SAFETY: offset + 2 <= count <= capacity.
    unsafe UnsafeMutableRawPointer(base + offset).storeBytes(of: value.bigEndian, as: UInt16.self)
  }

  /// Appends the start of a record whose owner is the question's name: a pointer to offset 12,
  /// TYPE, class IN, TTL and RDLENGTH; twelve octets.
  @inlinable
  package mutating func appendQuestionOwned(_ type: RRType, ttl: UInt32, dataLength: Int) {
    appendPointerOwned(12, type, ttl: ttl, dataLength: dataLength)
  }

  /// Appends the start of a record whose owner is a pointer to `offset` of the reply.
  @inlinable package mutating func appendPointerOwned(
    _ offset: Int, _ type: RRType, ttl: UInt32, dataLength: Int
  ) {
    guard reserve(12) else { return }
    let pointer = UInt64(0xC000 | (offset & 0x3FFF))
    let front = pointer << 48 | UInt64(type.rawValue) << 32 | 1 << 16 | UInt64(ttl >> 16)
    let back = (ttl & 0xFFFF) << 16 | UInt32(truncatingIfNeeded: dataLength & 0xFFFF)
    let target = unsafe UnsafeMutableRawPointer(base + count)
    // SAFETY: reserve: count + 12 <= limit <= capacity.
    unsafe target.storeBytes(of: front.bigEndian, as: UInt64.self)
    unsafe target.storeBytes(of: back.bigEndian, toByteOffset: 8, as: UInt32.self)
    count &+= 12
  }

  // MARK: - End

  /// Writes header and OPT; the reply is then `count` octets. `query` supplies ID, OPCODE, RD and
  /// CD; `edns` is the query's (OPT goes out exactly when it came in, RFC 6891 §7), `payloadSize`
  /// ours. `error` and then the encoded `options` are added to OPT as far as they fit: they never
  /// cost a record or set TC (RFC 8914 §3).
  package mutating func finish(
    query: Header, edns: EDNS?, payloadSize: UInt16,
    error: (code: ExtendedError, text: StaticString)?, options: [UInt8] = []
  ) {
    var additional = additionalCount
    if let edns {
      let start = count
      overflowed = false
      limit = min(limit &+ WireLimits.optOctetCount, capacity)
      append8(0)
      append16(RRType.opt.rawValue)
      append16(payloadSize)
      append8(UInt8(truncatingIfNeeded: responseCode.rawValue >> 4))
      append8(0)
      append16(edns.dnssecOK ? 0x8000 : 0)
      append16(0)
      if overflowed {
        count = start
        overflowed = false
      } else {
        let optionsStart = count
        if let error { appendExtendedError(error.code, error.text) }
        if !options.isEmpty { appendOptions(options) }
        patch16(UInt16(truncatingIfNeeded: count &- optionsStart), at: optionsStart &- 2)
        additional &+= 1
      }
    }
    var flags = HeaderFlag.response | (query.flags & HeaderFlag.opcodeMask)
    flags |= query.flags & (HeaderFlag.recursionDesired | HeaderFlag.checkingDisabled)
    if isAuthoritative { flags |= HeaderFlag.authoritativeAnswer }
    if isTruncated { flags |= HeaderFlag.truncated }
    if recursionAvailable { flags |= HeaderFlag.recursionAvailable }
    if isAuthentic { flags |= HeaderFlag.authenticData }
    patch16(query.id, at: 0)
    patch16(flags | (responseCode.rawValue & 0x0F), at: 2)
    patch16(hasQuestion ? 1 : 0, at: 4)
    patch16(answerCount, at: 6)
    patch16(authorityCount, at: 8)
    patch16(additional, at: 10)
  }

  private mutating func appendExtendedError(_ code: ExtendedError, _ text: StaticString) {
    let start = count
    let length = text.utf8CodeUnitCount
    append16(15)
    append16(UInt16(truncatingIfNeeded: 2 &+ length))
    append16(code.rawValue)
    // SAFETY: a StaticString's octets live as long as the program.
    unsafe append(from: text.utf8Start, length: length)
    guard overflowed else { return }
    count = start
    overflowed = false
  }

  /// Reduces the reply to a bare header: QR, ID, OPCODE and RCODE, every other bit and count zero
  /// (RFC 8906 §8.1.4 for unknown opcodes; questions that could not be read).
  package mutating func finishHeaderOnly(query: Header, code: ResponseCode, keepFlags: Bool) {
    reset(sizeMax: capacity, hasOPT: false)
    responseCode = code
    var bare = query
    if !keepFlags { bare.flags &= HeaderFlag.opcodeMask }
    finish(query: bare, edns: nil, payloadSize: 0, error: nil)
  }

  /// A writer with the same contents in another buffer, under the conditions of `init`: for an
  /// exchange that is parked while its worker goes on. What does not fit is lost.
  @unsafe package func moved(to base: UnsafeMutablePointer<UInt8>, capacity: Int) -> ReplyWriter {
    var copy = unsafe ReplyWriter(base: base, capacity: capacity)
    copy.count = min(count, copy.capacity)
    copy.limit = min(limit, copy.capacity)
    copy.recordsOffset = min(recordsOffset, copy.count)
    copy.hasQuestion = hasQuestion
    copy.answerCount = answerCount
    copy.authorityCount = authorityCount
    copy.additionalCount = additionalCount
    copy.isTruncated = isTruncated
    copy.isAuthoritative = isAuthoritative
    copy.recursionAvailable = recursionAvailable
    copy.isAuthentic = isAuthentic
    copy.responseCode = responseCode
    // SAFETY: both blocks hold at least copy.count octets and belong to different owners.
    unsafe memcpy(base, self.base, copy.count)
    return copy
  }

  /// Appends the reply, behind its two-octet length (RFC 1035 §4.2.2), to a stream's output.
  package func appendFramed(to output: inout [UInt8]) {
    output.append(UInt8(truncatingIfNeeded: count >> 8))
    output.append(UInt8(truncatingIfNeeded: count))
    // SAFETY: count octets at base were written.
    unsafe output.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
  }

  /// Sets the space for records anew, before any is written: what a reply of `sizeMax` octets
  /// leaves.
  package mutating func setLimit(sizeMax: Int, hasOPT: Bool) {
    let size = max(0, min(sizeMax, capacity))
    limit = max(hasOPT ? size &- WireLimits.optOctetCount : size, count)
  }

  /// Lends the octets written so far.
  package borrowing func withOctets<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    // SAFETY: count <= capacity octets at base were written or are the zeroed buffer's own.
    body(unsafe Span(_unsafeStart: UnsafePointer(base), count: count))
  }
}
