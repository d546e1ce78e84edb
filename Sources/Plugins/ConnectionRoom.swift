import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// The connections of one HTTP endpoint: when there are too many, the oldest gives way. So nobody
/// keeps a probe out by holding connections.
final class ConnectionRoom: Sendable {
  private let connections = Mutex<[any Channel]>([])
  private let countMax: Int

  /// Room for `countMax` connections.
  init(countMax: Int) { self.countMax = countMax }

  /// Ends all connections.
  func close() {
    for channel in connections.withLock({ $0 }) { channel.close(mode: .all, promise: nil) }
  }

  /// Takes a connection in until it ends.
  func enter(_ channel: any Channel) {
    let oldest = connections.withLock { connections -> (any Channel)? in
      connections.append(channel)
      return connections.count > countMax ? connections.removeFirst() : nil
    }
    oldest?.close(mode: .all, promise: nil)
    channel.closeFuture.whenComplete { [self] _ in
      connections.withLock { connections in connections.removeAll { $0 === channel } }
    }
  }
}

/// A kind of connection whose connections share a room.
struct RoomedChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base
  let room: ConnectionRoom

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    room.enter(channel)
    return base.setup(channel: channel, logger: logger)
  }

  func handle(value: Base.Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}
