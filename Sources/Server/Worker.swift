import DNSWire
import PluginChain
import Sockets

/// One worker: an epoll loop over sockets of its own, on a thread of its own. Workers share nothing
/// but what plugins publish.
struct Worker: ~Copyable {
  /// What an event's token says: its kind in the top octet, an index or a number below.
  enum Token {
    static let mailbox: UInt64 = 0
    static let datagrams: UInt64 = 1 << 56
    static let listener: UInt64 = 2 << 56
    static let connection: UInt64 = 3 << 56
    static let kindMask: UInt64 = 0xFF << 56
  }

  let limits: ServerLimits
  let mailbox: Mailbox
  let datagramServices: [UDPService]
  let streamServices: [TCPService]
  let poll: EventPoll
  var batch: DatagramBatch
  /// The exchange for datagrams; its reply writer moves from slot to slot.
  var exchange: Exchange
  let streamBuffer: OwnedBuffer
  /// The exchange for streams; replies go through `streamBuffer`.
  var streamExchange: Exchange
  var connections: [UInt64: TCPConnection] = [:]
  var connectionCounts: [IPAddress: Int] = [:]
  var nextConnection: UInt64 = 1
  var waiting: WaitingTable
  var nextTicket: UInt64 = 1
  var isStopping = false
  /// When ending gives up on what is left.
  var stopDeadline = UInt64.max
  /// Octets held for all connections.
  var octetsInFlight = 0
  /// Where streams are read into, before they go to their connection.
  var readBuffer = [UInt8](repeating: 0, count: 16_384)

  /// A worker with bound sockets, ready to `run`.
  init(
    index: Int, _ limits: ServerLimits, _ mailbox: Mailbox, _ datagramServices: [UDPService],
    _ streamServices: [TCPService]
  ) throws(SystemError) {
    // First, since nothing may throw once a noncopyable part exists.
    poll = try Self.watch(mailbox, datagramServices, streamServices)
    self.limits = limits
    self.mailbox = mailbox
    self.datagramServices = datagramServices
    self.streamServices = streamServices
    batch = DatagramBatch(slotCount: limits.datagramBatchCount)
    streamBuffer = OwnedBuffer(capacity: WireLimits.messageOctetCountMax)
    waiting = WaitingTable(countMax: limits.waitingCountMax)
    var random = SystemRandomNumberGenerator()
    // SAFETY: both buffers live as long as the worker, and each has one writer.
    exchange = unsafe Exchange(
      worker: index,
      reply: ReplyWriter(
        base: batch.replyBuffer(0), capacity: DatagramBatch.replyOctetCountMax),
      header: Header(), seed: random.next())
    streamExchange = unsafe Exchange(
      worker: index,
      reply: ReplyWriter(base: streamBuffer.base, capacity: streamBuffer.capacity),
      header: Header(), seed: random.next())
    streamExchange.transport = .tcp
  }

  /// Serves until the mailbox says stop and the last reply is out.
  mutating func run() {
    var lastSweep = monotonicNanoseconds()
    while true {
      let isIdle = connections.isEmpty && waiting.count == 0 && !isAnyListenerResting
      let count = poll.wait(milliseconds: isIdle && !isStopping ? -1 : waitMilliseconds)
      for index in 0..<count {
        let event = poll.event(index)
        handle(event.token, event.readiness)
      }
      if isIdle && !isStopping { continue }
      let now = monotonicNanoseconds()
      let interval = UInt64(limits.sweepMilliseconds) * 1_000_000
      if now &- lastSweep >= interval || isAnyListenerResting {
        lastSweep = now
        sweep(now: now)
      }
      if isStopping, connections.isEmpty && waiting.count == 0 || now >= stopDeadline { break }
    }
    for index in datagramServices.indices { serveDatagrams(index) }
  }

  /// How long to wait while something has a deadline: shorter while a listener rests.
  private var waitMilliseconds: Int32 {
    guard isAnyListenerResting else { return limits.sweepMilliseconds }
    return min(limits.sweepMilliseconds, Int32(limits.acceptBackoffNanoseconds / 1_000_000))
  }

  /// The event loop over a worker's own descriptors.
  private static func watch(
    _ mailbox: Mailbox, _ datagramServices: [UDPService], _ streamServices: [TCPService]
  ) throws(SystemError) -> EventPoll {
    let poll = try EventPoll()
    try poll.add(mailbox.wakeup.number, token: Token.mailbox, interest: .read)
    for (index, service) in datagramServices.enumerated() {
      try poll.add(
        service.socket.number, token: Token.datagrams | UInt64(index), interest: .read)
    }
    for (index, service) in streamServices.enumerated() {
      try poll.add(
        service.listener.number, token: Token.listener | UInt64(index), interest: .read)
    }
    return poll
  }

  private mutating func handle(_ token: UInt64, _ readiness: Readiness) {
    let number = token & ~Token.kindMask
    switch token & Token.kindMask {
    case Token.datagrams: serveDatagrams(Int(number))
    case Token.listener: acceptConnections(Int(number), now: monotonicNanoseconds())
    case Token.connection: serveConnection(number, readiness)
    default: readMailbox()
    }
  }

  private mutating func readMailbox() {
    let (tickets, stop) = mailbox.take()
    for ticket in tickets { resumeParked(ticket) }
    guard stop, !isStopping else { return }
    let now = monotonicNanoseconds()
    stopDeadline = now &+ limits.stopNanoseconds
    // Clients whose connection was made before now have a right to their answer.
    for index in streamServices.indices { acceptConnections(index, now: now) }
    isStopping = true
    for service in streamServices { try? poll.remove(service.listener.number) }
    // What has come is answered; then it is as if every client had finished.
    for connection in connections.values {
      serveConnection(connection.number, .read)
      connection.state.receivedEnd()
      if connections[connection.number] != nil { flush(connection, now: monotonicNanoseconds()) }
    }
  }

  private var isAnyListenerResting: Bool { streamServices.contains { $0.restsUntil != 0 } }

  // MARK: - Datagrams

  /// Receives, answers and sends in batches until the socket is drained, but at most eight batches:
  /// then the other sockets have their turn.
  private mutating func serveDatagrams(_ index: Int) {
    let service = datagramServices[index]
    for _ in 0..<8 {
      let count = batch.receive(from: service.socket)
      for slot in 0..<count { serveDatagram(slot, service, index) }
      batch.send(to: service.socket)
      if count < batch.capacity { return }
    }
  }

  private mutating func serveDatagram(_ slot: Int, _ service: UDPService, _ index: Int) {
    // SAFETY: the slot's buffer has no other writer until the batch is sent.
    unsafe exchange.reply = ReplyWriter(
      base: batch.replyBuffer(slot), capacity: DatagramBatch.replyOctetCountMax)
    exchange.client = TransportAddress(batch.client(slot))
    exchange.server = TransportAddress(batch.destination(slot, of: service.socket))
    exchange.ticket = nextTicket
    let disposition = batch.withQuery(slot, &exchange) { query, exchange in
      serve(query, &exchange, service.routes)
    }
    switch disposition {
    case .reply: batch.queueReply(slot, length: exchange.reply.count)
    case .silence: break
    case .parked(let chain):
      guard canPark else {
        nextTicket &+= 1
        refuseToPark(chain, &exchange)
        batch.queueReply(slot, length: exchange.reply.count)
        return
      }
      let path = ReplyPath.datagram(
        service: index, client: batch.client(slot),
        source: batch.destination(slot, of: service.socket))
      park(
        exchange.replacedByFresh(), chain, path,
        replyOctetCount: DatagramBatch.replyOctetCountMax)
    }
  }
}
