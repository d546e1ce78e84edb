import DNSWire
import Sockets
import Synchronization

/// A name server on loopback that says what a test tells it to, over UDP and TCP.
final class FakeNameServer: @unchecked Sendable {
  /// What a name has.
  enum Answer: Sendable {
    /// Addresses, seconds they may be kept.
    case addresses([String], ttl: UInt32)
    /// A CNAME with a TTL, then the addresses of its target.
    case alias(String, ttl: UInt32, [String], targetTTL: UInt32)
    /// The same over UDP with TC and no record, and whole over TCP.
    case long([String], ttl: UInt32)
    /// Replies with another ID, another question and another name before the right one.
    case forged([String], then: [String])
    /// This response code and no record.
    case code(UInt16)
    /// No reply.
    case silent
    /// SERVFAIL so many times, then addresses.
    case late(Int, [String])
  }

  /// `127.0.0.1:PORT`.
  let text: String
  private let ports: Ports
  private let answers = Mutex<[String: Answer]>([:])
  private let asked = Mutex<[String]>([])
  private let isStopped = Atomic(false)

  /// A UDP and a TCP socket with the same port.
  private final class Ports {
    let udp: UDPSocket
    let tcp: TCPListener

    /// Fails when the port that the system chose is taken for TCP.
    init() throws(SystemError) {
      let any = SocketAddress(isV6: false, high: 0x7F00_0001 << 32, low: 0, port: 0)
      udp = try UDPSocket(any)
      tcp = try TCPListener(udp.local)
    }

    /// Tries ports until one is free for both.
    static func free() throws -> Ports {
      for _ in 0..<100 {
        if let ports = try? Ports() { return ports }
      }
      return try Ports()
    }
  }

  /// A server that answers every name NXDOMAIN so far.
  init() throws {
    ports = try Ports.free()
    text = "127.0.0.1:\(ports.udp.local.port)"
    _ = try SystemThread(name: "fake") { [weak self] in
      while self?.serve() == true {}
    }
  }

  /// Ends the server's thread.
  func stop() { isStopped.store(true, ordering: .relaxed) }

  /// From now on the server says this of a name and type.
  func set(_ name: String, _ type: RRType, _ answer: Answer) {
    answers.withLock { $0["\(name) \(type)"] = answer }
  }

  /// How often a name and type were asked.
  func count(_ name: String, _ type: RRType) -> Int {
    asked.withLock { $0.count { $0 == "\(name) \(type)" } }
  }

  // MARK: - Serving

  /// One short wait and what it brings; `false` when the server is stopped.
  private func serve() -> Bool {
    guard !isStopped.load(ordering: .relaxed), let poll = try? EventPoll() else { return false }
    try? poll.add(ports.udp.number, token: 0, interest: .read)
    try? poll.add(ports.tcp.number, token: 1, interest: .read)
    let count = poll.wait(milliseconds: 20)
    for index in 0..<count {
      if poll.event(index).token == 0 { serveDatagrams() } else { serveStream() }
    }
    return true
  }

  private func serveDatagrams() {
    var batch = DatagramBatch(slotCount: 8)
    for slot in 0..<batch.receive(from: ports.udp) {
      var query: [UInt8] = []
      batch.withQuery(slot, &query) { octets, query in
        query = (0..<octets.count).map { octets[$0] }
      }
      for reply in replies(query, isStream: false) {
        ports.udp.send(reply.span, to: batch.client(slot), from: ports.udp.local)
      }
    }
  }

  private func serveStream() {
    guard let stream = try? ports.tcp.accept()?.stream else { return }
    var buffer = [UInt8](repeating: 0, count: 1024)
    var count = 0
    while count < 2 || count < Int(buffer.span.word16(0)) + 2 {
      guard let more = try? stream.read(into: &buffer, at: count) else { continue }
      if more == 0 { return }
      count += more
    }
    for reply in replies(Array(buffer[2..<count]), isStream: true) {
      let framed = [UInt8(reply.count >> 8), UInt8(reply.count & 0xFF)] + reply
      _ = try? stream.write(framed, 0..<framed.count)
    }
  }

  // MARK: - Replies

  private func replies(_ query: [UInt8], isStream: Bool) -> [[UInt8]] {
    guard let name = readName(query.span, at: 12), let end = skipName(query.span, at: 12) else {
      return []
    }
    let type = RRType(rawValue: query.span.word16(end))
    let key = "\(name) \(type)"
    asked.withLock { $0.append(key) }
    let answer = answers.withLock { $0[key] } ?? .code(3)
    func reply(_ records: [[UInt8]], code: UInt16 = 0, flags: UInt16 = 0) -> [UInt8] {
      let word = HeaderFlag.response | HeaderFlag.recursionDesired | flags | code
      let head = Array(query[0..<2]) + Self.two(word) + Self.two(1)
      let counts = Self.two(UInt16(records.count)) + Self.two(0) + Self.two(0)
      return head + counts + query[12..<(end + 4)] + records.joined()
    }
    func records(_ texts: [String], _ ttl: UInt32, _ owner: DomainName) -> [[UInt8]] {
      texts.compactMap { IPAddress(text: $0)?.octets }.map {
        ResourceRecord(owner: owner, type: type, ttl: ttl, data: $0).wire
      }
    }
    switch answer {
    case .addresses(let texts, let ttl): return [reply(records(texts, ttl, name))]
    case .alias(let text, let ttl, let texts, let targetTTL):
      guard let target = DomainName(text: text) else { return [] }
      let alias = ResourceRecord(owner: name, type: .cname, ttl: ttl, data: target.wire).wire
      return [reply([alias] + records(texts, targetTTL, target))]
    case .long(let texts, let ttl):
      return [isStream ? reply(records(texts, ttl, name)) : reply([], flags: HeaderFlag.truncated)]
    case .forged(let lies, let truth):
      let lie = reply(records(lies, 60, name))
      var otherID = lie
      otherID[0] ^= 1
      var otherQuestion = lie
      otherQuestion[13] ^= 1
      var query = lie
      query[2] &= 0x7F
      return [otherID, otherQuestion, query, [1, 2, 3], reply(records(truth, 60, name))]
    case .code(let code): return [reply([], code: code)]
    case .silent: return []
    case .late(let failureCount, let texts):
      let isReady = asked.withLock { $0.count { $0 == key } } > failureCount
      return [isReady ? reply(records(texts, 60, name)) : reply([], code: 2)]
    }
  }

  private static func two(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}
