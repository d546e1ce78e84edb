import PluginChain

/// The bounds of the server, each with its reason. All are for one worker unless said.
package struct ServerLimits: Sendable {
  /// Datagrams taken, answered and sent with one system call each.
  package var datagramBatchCount = 32
  /// TCP connections; one more costs the one that has been idle longest.
  package var connectionCountMax = 1024
  /// TCP connections of one client address; one more costs its own longest idle one.
  package var connectionsPerClientMax = 512
  /// Octets of replies that one connection may leave unread before we stop reading from it.
  package var connectionOutputOctetCountMax = 256 << 10
  /// Octets in flight over all connections of a worker, queries being received and replies not yet
  /// taken: above it, a connection that asks for more while it leaves replies untaken is reset.
  package var octetsInFlightMax = 16 << 20
  /// How long a connection may be silent (RFC 7766 §6.2.3), in nanoseconds; as CoreDNS.
  package var tcpIdleNanoseconds: UInt64 = 10_000_000_000
  /// How long after connecting the first octet may take.
  package var tcpFirstOctetNanoseconds: UInt64 = 3_000_000_000
  /// How long a query may take from its first octet to its last.
  package var tcpMessageNanoseconds: UInt64 = 3_000_000_000
  /// How long a client may leave replies untaken.
  package var tcpWriteNanoseconds: UInt64 = 5_000_000_000
  /// Queries of one connection; the last of them ends it.
  package var tcpQueryCountMax = Int.max
  /// How long a connection may last, so that clients which keep one for ever find other servers;
  /// some live half as long again, so that not all come back at once. In nanoseconds.
  package var tcpAgeNanosecondsMax: UInt64 = 120_000_000_000
  /// How long all must have been said before a connection ends for its age: long enough that no
  /// query is on its way.
  package var tcpQuietNanoseconds: UInt64 = 20_000_000
  /// How long ending may take, from the call to stop: then what is left is cut off.
  package var stopNanoseconds: UInt64 = 5_000_000_000
  /// Between two looks at the deadlines.
  package var sweepMilliseconds: Int32 = 250
  /// How long accepting rests when the process has no descriptor left.
  package var acceptBackoffNanoseconds: UInt64 = 50_000_000
  /// Queries that may wait at once; one more is answered REFUSED. Each holds about a kilobyte.
  package var waitingCountMax = 4096
  /// How long a query may wait: clients give up at five seconds.
  package var waitingNanoseconds: UInt64 = 4_500_000_000

  /// The defaults.
  package init() {}

  /// These limits with what `timeouts` says of TCP connections.
  package func with(_ timeouts: StreamTimeouts) -> ServerLimits {
    var result = self
    result.tcpMessageNanoseconds = timeouts.readNanoseconds ?? tcpMessageNanoseconds
    result.tcpFirstOctetNanoseconds = timeouts.readNanoseconds ?? tcpFirstOctetNanoseconds
    result.tcpWriteNanoseconds = timeouts.writeNanoseconds ?? tcpWriteNanoseconds
    result.tcpIdleNanoseconds = timeouts.idleNanoseconds ?? tcpIdleNanoseconds
    if let count = timeouts.queryCountMax {
      result.tcpQueryCountMax = count
      result.tcpAgeNanosecondsMax = .max
    }
    return result
  }
}
