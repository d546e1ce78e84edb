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
    static let resident: UInt64 = 4 << 56
    static let kindMask: UInt64 = 0xFF << 56
  }

  let limits: ServerLimits
  let mailbox: Mailbox
  var datagramServices: [UDPService]
  var streamServices: [TCPService]
  /// What plugins keep on this worker; those that a reload left behind last.
  var residents: [Resident]
  /// Residents that a reload left behind and when they end: queries may still wait for them.
  var retired: [(resident: Resident, until: UInt64)] = []
  /// What a reload brought, until the events at hand are handled.
  var plan: WorkerPlan?
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
  /// Where the reply of a resumed query is written.
  let resumeBuffer: OwnedBuffer
  let subQueries: SubQueries
  var waiting: WaitingTable
  var nextTicket: UInt64 = 1
  var isStopping = false
  /// When ending gives up on what is left.
  var stopDeadline = UInt64.max
  /// What is remembered of replies.
  var observation: Observation
  /// Octets held for all connections.
  var octetsInFlight = 0
  /// Where streams are read into, before they go to their connection.
  var readBuffer = [UInt8](repeating: 0, count: 16_384)

  /// A worker with bound sockets, ready to `run`.
  init(
    index: Int, _ limits: ServerLimits, _ mailbox: Mailbox, _ datagramServices: [UDPService],
    _ streamServices: [TCPService], _ residents: [Resident], _ observer: WorkerObserver? = nil
  ) throws(SystemError) {
    // First, since nothing may throw once a noncopyable part exists.
    poll = try Self.watch(mailbox, datagramServices, streamServices, residents)
    self.limits = limits
    self.mailbox = mailbox
    self.datagramServices = datagramServices
    self.streamServices = streamServices
    self.residents = residents
    observation = Observation(observer)
    batch = DatagramBatch(slotCount: limits.datagramBatchCount)
    streamBuffer = OwnedBuffer(capacity: WireLimits.messageOctetCountMax)
    resumeBuffer = OwnedBuffer(capacity: WireLimits.messageOctetCountMax)
    subQueries = SubQueries(worker: index)
    waiting = WaitingTable(countMax: limits.waitingCountMax)
    exchange = Exchange(worker: index, writingTo: resumeBuffer)
    streamExchange = Exchange(worker: index, writingTo: streamBuffer)
    streamExchange.transport = .tcp
  }

  /// Serves until the mailbox says stop and the last reply is out.
  mutating func run() {
    var lastSweep = monotonicNanoseconds()
    while true {
      let isIdle =
        connections.isEmpty && waiting.count == 0 && !isAnyListenerResting && retired.isEmpty
      let count = poll.wait(milliseconds: waitMilliseconds(isIdle: isIdle && !isStopping))
      for index in 0..<count {
        let event = poll.event(index)
        handle(event.token, event.readiness)
      }
      if !residents.isEmpty || !subQueries.refreshes.isEmpty { serveResidents() }
      // Not earlier: the events at hand have the old numbers.
      if let plan { adopt(plan) }
      if isIdle && !isStopping { continue }
      let now = monotonicNanoseconds()
      let interval = UInt64(limits.sweepMilliseconds) * 1_000_000
      if now &- lastSweep >= interval || isAnyListenerResting {
        lastSweep = now
        sweep(now: now)
      }
      if isStopping, connections.isEmpty && !waiting.hasClients || now >= stopDeadline { break }
    }
    // First all, then what has come: nothing may come between the last look and the end.
    for service in datagramServices { service.socket.stopHearing() }
    for index in datagramServices.indices { serveDatagrams(index) }
    for resident in residents { resident.end() }
    mailbox.close()
  }

  /// How long to wait for events: for ever when nothing has a deadline, shorter while a listener
  /// rests, and never past a resident's deadline.
  private func waitMilliseconds(isIdle: Bool) -> Int32 {
    var limit = isIdle ? Int32.max : limits.sweepMilliseconds
    if isAnyListenerResting {
      limit = min(limit, Int32(limits.acceptBackoffNanoseconds / 1_000_000))
    }
    var deadline = UInt64.max
    for resident in residents { deadline = min(deadline, resident.deadline) }
    guard deadline != .max else { return limit == .max ? -1 : limit }
    let now = monotonicNanoseconds()
    let rest = deadline > now ? (deadline - now + 999_999) / 1_000_000 : 0
    return Int32(min(UInt64(limit), rest))
  }

  /// Deadlines of residents, queries that they are done with, and what handlers want asked again.
  private mutating func serveResidents() {
    for resident in residents where resident.deadline != .max {
      let now = monotonicNanoseconds()
      if resident.deadline <= now { resident.serve(now: now) }
    }
    resumeFinished()
  }

  /// The event loop over a worker's own descriptors.
  private static func watch(
    _ mailbox: Mailbox, _ datagramServices: [UDPService], _ streamServices: [TCPService],
    _ residents: [Resident]
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
    for (index, resident) in residents.enumerated() where resident.descriptor >= 0 {
      try poll.add(resident.descriptor, token: Token.resident | UInt64(index), interest: .read)
    }
    return poll
  }

  private mutating func handle(_ token: UInt64, _ readiness: Readiness) {
    let number = token & ~Token.kindMask
    switch token & Token.kindMask {
    case Token.datagrams: serveDatagrams(Int(number))
    case Token.listener: acceptConnections(Int(number), now: monotonicNanoseconds())
    case Token.connection: serveConnection(number, readiness)
    case Token.resident: residents[Int(number)].serve(now: monotonicNanoseconds())
    default: readMailbox()
    }
  }

  private mutating func readMailbox() {
    let (tickets, plan, jobs, stop) = mailbox.take()
    for ticket in tickets { resumeParked(ticket) }
    for job in jobs { job() }
    if let plan { self.plan = plan }
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
  mutating func serveDatagrams(_ index: Int) {
    let service = datagramServices[index]
    // Once a round: they change between rounds only.
    let routes = service.routes
    for _ in 0..<8 {
      let count = batch.receive(from: service.socket)
      exchange.now = monotonicNanoseconds()
      for slot in 0..<count { serveDatagram(slot, service, routes) }
      batch.send(to: service.socket)
      if count < batch.capacity { return }
    }
  }

  private mutating func serveDatagram(_ slot: Int, _ service: UDPService, _ routes: RouteTable) {
    // SAFETY: the slot's buffer has no other writer until the batch is sent.
    unsafe exchange.reply = ReplyWriter(
      base: batch.replyBuffer(slot), capacity: DatagramBatch.replyOctetCountMax)
    exchange.client = TransportAddress(batch.client(slot))
    exchange.server = TransportAddress(batch.destination(slot, of: service.socket))
    exchange.ticket = nextTicket
    let disposition = batch.withQuery(slot, &exchange) { query, exchange in
      serve(query, &exchange, routes, subQueries)
    }
    switch disposition {
    case .reply:
      observation.note(&exchange, routes)
      batch.queueReply(slot, length: exchange.reply.count)
    case .silence: break
    case .parked(let chain):
      guard canPark else {
        nextTicket &+= 1
        refuseToPark(chain, &exchange, isAlias: subQueries.release() != nil)
        observation.note(&exchange, routes)
        batch.queueReply(slot, length: exchange.reply.count)
        return
      }
      let path = ReplyPath.datagram(
        service: service, client: batch.client(slot),
        source: batch.destination(slot, of: service.socket))
      park(exchange.replacedByFresh(), chain, routes, path)
    }
  }
}
