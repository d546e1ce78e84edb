/// What `timeouts` says of TCP connections; `nil` where it leaves the server's own.
package struct StreamTimeouts: Hashable, Sendable {
  /// How long a query may take from its first octet to its last, and the first octet after
  /// connecting, in nanoseconds.
  package var readNanoseconds: UInt64?
  /// How long a client may leave replies untaken, in nanoseconds.
  package var writeNanoseconds: UInt64?
  /// How long a connection may be silent, in nanoseconds.
  package var idleNanoseconds: UInt64?
  /// Queries of one connection; the last of them ends it, its age does not.
  package var queryCountMax: Int?

  /// The server's own.
  package init() {}

  /// The smaller of both in each: for server blocks that share an address.
  package func tightened(by other: StreamTimeouts) -> StreamTimeouts {
    func least<Value: Comparable>(_ one: Value?, _ two: Value?) -> Value? {
      guard let one, let two else { return one ?? two }
      return min(one, two)
    }
    var result = StreamTimeouts()
    result.readNanoseconds = least(readNanoseconds, other.readNanoseconds)
    result.writeNanoseconds = least(writeNanoseconds, other.writeNanoseconds)
    result.idleNanoseconds = least(idleNanoseconds, other.idleNanoseconds)
    result.queryCountMax = least(queryCountMax, other.queryCountMax)
    return result
  }
}
