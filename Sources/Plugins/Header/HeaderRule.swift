import DNSWire
import PluginChain

/// A flag that `header` sets or clears.
struct HeaderRule: Equatable, Sendable {
  /// The flags that there are rules for.
  enum Flag: String, CaseIterable, Sendable {
    /// AA.
    case authoritative = "aa"
    /// RA.
    case recursionAvailable = "ra"
    /// RD.
    case recursionDesired = "rd"
  }

  /// Which.
  let flag: Flag
  /// What it becomes.
  let isSet: Bool

  /// Changes the query. It is what upstreams get; AA and RA mean nothing in it.
  func apply(toQueryOf exchange: inout Exchange) {
    guard flag == .recursionDesired else { return }
    setRecursionDesired(&exchange)
  }

  /// Changes the reply.
  func apply(toReplyOf exchange: inout Exchange) {
    switch flag {
    case .authoritative: exchange.reply.isAuthoritative = isSet
    case .recursionAvailable: exchange.reply.recursionAvailable = isSet
    case .recursionDesired: setRecursionDesired(&exchange)
    }
  }

  /// The reply's RD is the query's (RFC 1035 §4.1.1).
  private func setRecursionDesired(_ exchange: inout Exchange) {
    if isSet {
      exchange.header.flags |= HeaderFlag.recursionDesired
    } else {
      exchange.header.flags &= ~HeaderFlag.recursionDesired
    }
  }
}
