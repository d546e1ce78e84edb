/// Hears what comes from upstreams: the engine. It may open, use and close channels meanwhile, also
/// the one that it is told of.
package protocol UpstreamEvents: AnyObject {
  /// One whole DNS message came, whatever it holds; it may be empty.
  ///
  /// `now` is in nanoseconds of the monotonic clock, as it is for `failed`.
  func received(_ message: borrowing Span<UInt8>, on channel: UInt64, now: UInt64)

  /// The channel failed. A stream is over by then; a datagram channel that was refused or found
  /// its upstream unreachable stays open, and may be told of again. Never told of channels that
  /// were closed with `close`.
  func failed(_ channel: UInt64, _ failure: ChannelFailure, now: UInt64)
}
