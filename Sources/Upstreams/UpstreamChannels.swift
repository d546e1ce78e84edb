/// How octets go to an upstream.
package enum ChannelKind: Sendable {
  /// UDP.
  case datagram
  /// TCP or, as `Upstream.transport` says, TLS over TCP; the channel adds and strips the two-octet
  /// lengths (RFC 1035 §4.2.2).
  case stream
}

/// Why a channel cannot do what it is for.
package enum ChannelFailure: Sendable {
  /// ICMP port unreachable for a datagram, RST for a connection that is being made.
  case refused
  /// No route, ICMP host or network unreachable, or a connection that could not be made in time.
  case unreachable
  /// The upstream closed the stream.
  case closed
  /// Anything else, such as octets that are no framed message.
  case error
  /// The TLS handshake failed or the certificate is not right.
  case tls
}

/// Numbered sockets to upstreams, as `UpstreamEngine` sees them: simulated in tests.
///
/// None of these calls the engine back: what happens is reported later, through the engine's
/// `received` and `failed`. A datagram channel that was refused or found its upstream unreachable
/// stays open and may still receive; after any other failure a channel only waits for `close`.
package protocol UpstreamChannels: AnyObject {
  /// Opens a socket connected to `upstream`, a datagram one from a fresh random port; its number is
  /// never used again. `nil` when that is not possible now: no descriptor, no route.
  func open(_ kind: ChannelKind, to upstream: Upstream) -> UInt64?
  /// Sends one message; a stream queues while it connects. `false` when the channel is broken.
  func send(_ message: [UInt8], on channel: UInt64) -> Bool
  /// Closes a channel, broken or not; nothing is reported of it afterwards. Once for every channel
  /// that was opened; of an unknown number nothing comes.
  func close(_ channel: UInt64)
}
