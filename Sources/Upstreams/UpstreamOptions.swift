import DNSWire
import Sockets

/// How the upstreams of one `forward` directive are asked. Durations are nanoseconds.
package struct UpstreamOptions: Sendable {
  /// How an upstream is chosen among those that work.
  package enum Policy: String, CaseIterable, Sendable {
    /// Any; each equally likely.
    case random
    /// One after the other.
    case roundRobin = "round_robin"
    /// The first that works.
    case sequential
  }

  /// How to choose.
  package var policy = Policy.random
  /// TCP even for clients that came by UDP.
  package var forceTCP = false
  /// UDP even for clients that came by TCP; TCP only after a truncated reply.
  package var preferUDP = false
  /// A connection that was idle this long is closed.
  package var expire: UInt64 = 10_000_000_000
  /// A connection older than this takes no new query; 0 for no limit.
  package var maxAge: UInt64 = 0
  /// Idle connections kept for one upstream; 0 for our own bound.
  package var maxIdleConnections = 0
  /// How long a reply may take before the attempt counts as failed.
  package var readTimeout: UInt64 = 2_000_000_000
  /// Failures in a row after which an upstream counts as down; 0 never counts it so.
  package var maxFails = 2
  /// Attempts for one query; 0 for our own bound.
  package var maxConnectAttempts = 0
  /// The first interval between health checks of an upstream that failed; it doubles.
  package var healthCheckInterval: UInt64 = 500_000_000
  /// Health checks ask for recursion.
  package var healthCheckRecurses = true
  /// The name that health checks ask NS of.
  package var healthCheckDomain = DomainName.root
  /// Queries that may wait at once over all workers; 0 for no limit but the server's.
  package var maxConcurrent = 0
  /// SERVFAIL at once when every upstream is down, instead of trying one now and then.
  package var failFastWhenAllDown = false
  /// Response codes upon which the next upstream is asked.
  package var failoverCodes: Set<UInt16> = []
  /// The address that queries leave from; the system's choice without.
  package var sourceAddress: SocketAddress?

  /// CoreDNS's defaults.
  package init() {}
}
