import DNSWire

/// What `UpstreamEngine.ask` says at once.
package enum Asked: Equatable, Sendable {
  /// The ticket will be among `takeFinished`, within `EngineLimits.flightNanoseconds`.
  case waiting
  /// Too many tickets wait: nothing was asked.
  case overloaded
  /// It cannot be asked; the ticket is not kept.
  case failed(UpstreamFailure)
}

/// Why there is no reply.
package enum UpstreamFailure: Equatable, Sendable {
  /// There is no upstream to ask.
  case noneReachable
  /// Every upstream refused, or no socket could be had.
  case network
  /// An upstream was asked and kept silent.
  case timedOut
  /// Every upstream leads back to this server.
  case looping
  /// Every upstream is down and one is being tried already.
  case allDown
}

/// A reply that was believed: the right ID and question over the right socket, whole.
package final class UpstreamReply: Sendable {
  /// The whole message.
  package let octets: [UInt8]
  /// What stands where in it.
  package let summary: ReplySummary
  /// Who sent it.
  package let upstream: Upstream
  /// How it came.
  package let kind: ChannelKind

  init(octets: [UInt8], summary: ReplySummary, upstream: Upstream, kind: ChannelKind) {
    self.octets = octets
    self.summary = summary
    self.upstream = upstream
    self.kind = kind
  }
}

/// What became of a ticket.
package enum UpstreamResult: Sendable {
  /// A reply, of whatever response code.
  case reply(UpstreamReply)
  /// None.
  case failed(UpstreamFailure)
}
