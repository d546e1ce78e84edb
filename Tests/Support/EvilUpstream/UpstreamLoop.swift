import Glibc

/// The listening sockets of an upstream.
struct UpstreamSockets: ~Copyable {
  let datagrams: Socket
  let listener: Socket

  init(host: String, port: UInt16) throws(SocketError) {
    guard let address = SocketAddress(host: host, port: port) else { throw .badAddress(host) }
    let datagrams = try Socket(family: address.family, isStream: false)
    // A thousand queries may come at once.
    datagrams.set(SOL_SOCKET, SO_RCVBUF, to: 4 << 20)
    try datagrams.bind(to: address)
    datagrams.setNonblocking()
    let listener = try Socket(family: address.family, isStream: true)
    listener.set(SOL_SOCKET, SO_REUSEADDR, to: 1)
    try listener.bind(to: address)
    try listener.listen()
    listener.setNonblocking()
    self.datagrams = datagrams
    self.listener = listener
  }
}

/// What the thread of an `EvilUpstream` does until it is told to stop.
struct UpstreamLoop: ~Copyable {
  /// To whom a step goes.
  private enum Target {
    case datagram(SocketAddress)
    case stream(Int)
  }

  private struct Due {
    let time: ContinuousClock.Instant
    let action: UpstreamStep.Action
    let target: Target
  }

  private let sockets: UpstreamSockets
  private let log: UpstreamLog
  private let behavior: EvilUpstream.Behavior
  private let clock = ContinuousClock()
  private var streams: [Int: UpstreamStream] = [:]
  private var streamCount = 0
  /// In the order of their times.
  private var due: [Due] = []
  private var attempts: [String: Int] = [:]
  private var previousID: UInt16?

  init(
    _ sockets: consuming UpstreamSockets, _ log: UpstreamLog,
    _ behavior: @escaping EvilUpstream.Behavior
  ) {
    self.sockets = sockets
    self.log = log
    self.behavior = behavior
  }

  mutating func run() {
    while !log.shouldStop {
      var poll = SocketPoll()
      poll.add(sockets.datagrams.descriptor)
      poll.add(sockets.listener.descriptor)
      let numbers = streams.keys.sorted()
      for number in numbers {
        guard let stream = streams[number] else { continue }
        poll.add(stream.descriptor, wantsRoom: stream.hasOutput)
      }
      for index in poll.wait(patience) {
        switch index {
        case 0: receiveDatagrams()
        case 1: acceptStreams()
        default: serve(streamNumber: numbers[index - 2])
        }
      }
      doWhatIsDue()
      streams = streams.filter { !$0.value.isOver }
    }
  }

  /// Gives all sockets back.
  consuming func close() {}

  /// Until the next step is due, and never so long that the end would wait.
  private var patience: Duration {
    let patienceMax = Duration.milliseconds(20)
    guard let first = due.first else { return patienceMax }
    return max(.zero, min(patienceMax, clock.now.duration(to: first.time)))
  }

  // MARK: - Receiving

  private mutating func receiveDatagrams() {
    while true {
      guard let (bytes, source) = try? sockets.datagrams.receiveWithSource() else { return }
      guard let source else { continue }
      take(bytes, from: source, stream: nil)
    }
  }

  private mutating func acceptStreams() {
    while let (descriptor, source) = sockets.listener.accept() {
      streamCount += 1
      streams[streamCount] = UpstreamStream(
        descriptor: descriptor, source: source, number: streamCount)
    }
  }

  private mutating func serve(streamNumber: Int) {
    guard let stream = streams[streamNumber] else { return }
    stream.flush()
    for message in stream.receive() { take(message, from: stream.source, stream: stream) }
  }

  private mutating func take(
    _ bytes: [UInt8], from source: SocketAddress, stream: UpstreamStream?
  ) {
    guard let message = try? ParsedMessage(bytes), message.questions.count == 1,
      let asked = message.questions.first
    else { return log.addMalformed() }
    let key = "\(asked.name.lowercased()) \(asked.type) \(stream != nil)"
    attempts[key, default: 0] += 1
    let question = UpstreamQuestion(
      bytes: bytes, message: message, source: source, isStream: stream != nil,
      connection: stream?.number ?? 0, attempt: attempts[key, default: 1], previousID: previousID)
    previousID = question.id
    log.add(question)
    let now = clock.now
    let target = stream.map { Target.stream($0.number) } ?? .datagram(source)
    for step in behavior(question) {
      if step.delay == .zero {
        act(step.action, target)
      } else {
        schedule(Due(time: now.advanced(by: step.delay), action: step.action, target: target))
      }
    }
  }

  // MARK: - Doing

  private mutating func schedule(_ item: Due) {
    let index = due.lastIndex { $0.time <= item.time }.map { $0 + 1 } ?? 0
    due.insert(item, at: index)
  }

  private mutating func doWhatIsDue() {
    let now = clock.now
    while let first = due.first, first.time <= now {
      due.removeFirst()
      act(first.action, first.target)
    }
  }

  private func act(_ action: UpstreamStep.Action, _ target: Target) {
    switch target {
    case .datagram(let address):
      switch action {
      case .reply(let bytes):
        // A client that has gone is no matter.
        try? sockets.datagrams.send(bytes, to: address)
      case .replyFrom(let host, let bytes):
        guard let from = SocketAddress(host: host, port: 0),
          let other = try? Socket(family: AF_INET, isStream: false)
        else { return }
        try? other.bind(to: from)
        try? other.send(bytes, to: address)
      case .octets, .finish, .reset: return
      }
    case .stream(let number):
      guard let stream = streams[number] else { return }
      switch action {
      case .reply(let bytes): stream.send(TCPConnection.framed(bytes))
      case .octets(let bytes): stream.send(bytes)
      case .finish: stream.finish()
      case .reset: stream.reset()
      case .replyFrom: return
      }
    }
  }
}
