import Glibc
import NIOCore

/// What makes the system notice that the other end of a connection is gone.
enum ConnectionOptions {
  private static let aliveSeconds = 15
  private static let silentMilliseconds = 30_000

  /// Asks an idle connection for a sign of life every 15 s, and gives it up when nothing is
  /// acknowledged for 30 s. A connection that cannot be told so is used as it is.
  static func set(_ channel: any Channel) -> EventLoopFuture<Void> {
    let tcp = NIOBSDSocket.OptionLevel(rawValue: CInt(IPPROTO_TCP))
    let values: [(NIOBSDSocket.OptionLevel, CInt, Int)] = [
      (.socket, SO_KEEPALIVE, 1), (tcp, TCP_KEEPIDLE, aliveSeconds),
      (tcp, TCP_KEEPINTVL, aliveSeconds), (tcp, TCP_USER_TIMEOUT, silentMilliseconds),
    ]
    let futures = values.map { level, name, value in
      let option = ChannelOptions.Types.SocketOption(
        level: level, name: NIOBSDSocket.Option(rawValue: name))
      return channel.setOption(option, value: value)
    }
    return EventLoopFuture.andAllComplete(futures, on: channel.eventLoop)
  }
}
