import Corefile
import DNSWire
import PluginChain
import Sockets
import Upstreams

/// A `forward` directive, read and checked; docs/plugins/forward.md lists the options.
package struct ForwardConfiguration: Sendable {
  /// The names to forward are at or below one of these: FROM, or the reverse zones of its network.
  package let from: [DomainName]
  /// Names below `from` that are not forwarded. A name of `from` itself always is.
  package internal(set) var except = ZoneSet.none
  /// TO, in order.
  package private(set) var targets: [ForwardTarget] = []
  /// How the upstreams are asked.
  package internal(set) var options = UpstreamOptions()
  /// Response codes upon which the next `forward` is asked.
  package internal(set) var nextCodes: Set<UInt16> = []
  /// NODATA is handed to the next `forward` too.
  package internal(set) var nextOnNoData = false
  /// `tls`'s files.
  package internal(set) var tlsFiles = TLSFiles()
  /// `tls_servername`.
  package internal(set) var serverName: Token?
  /// Who resolves host names among the targets; the system's servers when empty.
  package internal(set) var resolvers: [SocketAddress] = []
  /// What is doubtful.
  package private(set) var warnings: [Diagnostic] = []

  /// The files of `tls`: PEM, relative paths start where `root` says.
  package struct TLSFiles: Sendable, Hashable {
    /// The client's certificate chain; with `key` or not at all.
    package internal(set) var certificate: Token?
    /// The client's key.
    package internal(set) var key: Token?
    /// The authorities that servers' certificates are checked with; the system's without.
    package internal(set) var authority: Token?
  }

  /// Targets of one directive.
  package static let targetCountMax = 15

  private let fromIndex: ZoneIndex
  /// `except`'s zones so far.
  var exceptZones: [DomainName] = []

  /// Reads the directive.
  package init(_ directive: Directive) throws(Diagnostic) {
    try directive.requireArguments(2...)
    let words = directive.arguments
    from = try words[0].zones().compactMap { DomainName(text: $0) }
    fromIndex = ZoneIndex(from)
    // Options first: they decide how targets are read.
    for option in directive.options ?? [] { try read(option, of: directive) }
    except = ZoneSet(exceptZones)
    if options.maxAge > 0, options.maxAge < options.expire {
      throw directive.optionNamed("max_age").error(
        "max_age is shorter than expire (\(GoDuration.text(.nanoseconds(options.expire)))); "
          + "expected at least as long")
    }
    guard words.count - 1 <= Self.targetCountMax else {
      throw words[Self.targetCountMax + 1].error(
        "found \(words.count - 1) targets, expected at most \(Self.targetCountMax)")
    }
    for word in words.dropFirst() {
      targets.append(try ForwardTarget(word, serverName: serverName))
    }
    warnings = idleOptions(of: directive)
  }

  /// Whether a name is to be forwarded.
  package func covers(_ name: borrowing QueryName) -> Bool {
    guard let match = fromIndex.match(name) else { return false }
    return match.octetCount == name.octetCount || !except.covers(name)
  }

  /// Warnings of options that can have no effect.
  private func idleOptions(of directive: Directive) -> [Diagnostic] {
    var reasons: [String: String] = [:]
    if targets.allSatisfy({ $0.transport == .plain }) {
      for name in ["tls", "tls_servername"] {
        reasons[name] = "has no effect: no target has tls:// before it"
      }
    }
    if !targets.contains(where: { if case .host = $0.place { true } else { false } }) {
      reasons["resolver"] = "has no effect: no target is a host name"
    }
    if options.forceTCP { reasons["prefer_udp"] = "has no effect besides force_tcp" }
    return (directive.options ?? []).compactMap { option in
      let name = option.name.text
      return reasons[name].map { Diagnostic(.warning, at: option.position, "\(name) \($0)") }
    }
  }
}

extension Directive {
  /// The last option of that name; the directive itself when there is none.
  fileprivate func optionNamed(_ name: String) -> Directive {
    options?.last { $0.name.text == name } ?? self
  }
}
