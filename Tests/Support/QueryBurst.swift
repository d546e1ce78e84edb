import Glibc

/// Many queries at once over a few sockets, so that none waits for the reply to another.
package struct QueryBurst {
  /// How the queries go out.
  package enum Transport: Sendable {
    /// Datagrams from fifty source ports.
    case datagrams
    /// Pipelined on up to twenty connections.
    case streams
    /// Pipelined on one connection.
    case oneStream
  }

  private final class Channel {
    let socket: Socket
    var input: [UInt8] = []
    /// The place of each query by its ID.
    var waiting: [UInt16: Int] = [:]
    var isOver = false

    init(_ socket: consuming Socket) {
      self.socket = socket
    }
  }

  private var channels: [Channel] = []
  private var replies: [[UInt8]?]
  private let isStream: Bool

  /// Sends all queries and returns their replies, in the order of the queries; nil where none came
  /// within `limit`. Queries that share a socket must differ in their IDs.
  package static func ask(
    _ queries: [[UInt8]], of client: DNSClient, over transport: Transport = .datagrams,
    limit: Duration = .seconds(20)
  ) throws(SocketError) -> [[UInt8]?] {
    var burst = try QueryBurst(queries, client, transport)
    burst.collect(limit)
    return burst.replies
  }

  private init(
    _ queries: [[UInt8]], _ client: DNSClient, _ transport: Transport
  ) throws(SocketError) {
    replies = Array(repeating: nil, count: queries.count)
    let channelCountMax: Int
    switch transport {
    case .datagrams: (channelCountMax, isStream) = (50, false)
    case .streams: (channelCountMax, isStream) = (20, true)
    case .oneStream: (channelCountMax, isStream) = (1, true)
    }
    let address = try client.address()
    for _ in 0..<min(channelCountMax, queries.count) {
      let socket = try Socket(family: address.family, isStream: isStream)
      if !isStream { socket.set(SOL_SOCKET, SO_RCVBUF, to: 1 << 20) }
      try socket.connect(to: address)
      channels.append(Channel(socket))
    }
    for (index, query) in queries.enumerated() {
      let channel = channels[index % channels.count]
      let id = UInt16(query.first ?? 0) << 8 | UInt16(query.dropFirst().first ?? 0)
      channel.waiting[id] = index
      var rest = (isStream ? TCPConnection.framed(query) : query)[...]
      while !rest.isEmpty { rest = rest.dropFirst(try channel.socket.send(rest)) }
    }
    for channel in channels { channel.socket.setNonblocking() }
  }

  private mutating func collect(_ limit: Duration) {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: limit)
    while clock.now < deadline {
      let open = channels.filter { !$0.waiting.isEmpty && !$0.isOver }
      if open.isEmpty { return }
      var poll = SocketPoll()
      for channel in open { poll.add(channel.socket.descriptor) }
      for index in poll.wait(clock.now.duration(to: deadline)) { receive(open[index]) }
    }
  }

  private mutating func receive(_ channel: Channel) {
    while let bytes = try? channel.socket.receive() {
      guard isStream else {
        take(bytes, channel)
        continue
      }
      if bytes.isEmpty {
        channel.isOver = true
        return
      }
      channel.input += bytes
      while channel.input.count >= 2 {
        let count = Int(channel.input[0]) << 8 | Int(channel.input[1])
        guard channel.input.count >= 2 + count else { break }
        take(Array(channel.input[2..<2 + count]), channel)
        channel.input.removeFirst(2 + count)
      }
    }
  }

  private mutating func take(_ reply: [UInt8], _ channel: Channel) {
    guard reply.count >= 2 else { return }
    let id = UInt16(reply[0]) << 8 | UInt16(reply[1])
    if let index = channel.waiting.removeValue(forKey: id) { replies[index] = reply }
  }
}
