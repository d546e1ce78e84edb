import Corefile
import PluginChain

/// The order in which plugins see a query: CoreDNS's. The order of lines in a Corefile means
/// nothing, and no plugin may care who stands above it.
///
/// A plugin that is not built yet says so: as an error where leaving it out could expose or change
/// answers, as a warning where it is comfort or leads outwards (docs/decisions/0007).
package let pluginOrder: [PluginEntry] = [
  .built(Root.definition),
  .notBuilt("metadata", .warning),
  .notBuilt("geoip", .warning),
  .built(Cancel.definition),
  .notBuilt("proxyproto", .error),
  .notBuilt("quic", .warning),
  .notBuilt("grpc_server", .warning),
  .notBuilt("https", .warning),
  .notBuilt("https3", .warning),
  .built(Timeouts.definition),
  .built(Multisocket.definition),
  .built(Reload.definition),
  .built(Nsid.definition),
  .built(Bufsize.definition),
  .built(Bind.definition),
  .built(Debug.definition),
  .notBuilt("trace", .warning),
  .built(Ready.definition),
  .built(Health.definition),
  .built(Pprof.definition),
  .notBuilt("shed", .warning),
  .built(Prometheus.definition),
  .built(Errors.definition),
  .built(Log.definition),
  .notBuilt("dnstap", .warning),
  .built(Local.definition),
  .notBuilt("dns64", .error),
  .built(AnyAnswer.definition),
  .built(Chaos.definition),
  .built(Loadbalance.definition),
  .notBuilt("tsig", .error),
  .built(Rewrite.definition),
  .notBuilt("autopath", .warning),
  .notBuilt("acl", .error),
  .built(HeaderFlags.definition),
  .notBuilt("dnssec", .error),
  .notBuilt("tls", .error),
  .built(Minimal.definition),
  .built(Template.definition),
  .notBuilt("transfer", .warning),
  .built(Hosts.definition),
  .notBuilt("route53", .error),
  .notBuilt("azure", .error),
  .notBuilt("clouddns", .error),
  .notBuilt("k8s_external", .error),
  .built(Kubernetes.definition),
  .notBuilt("file", .error),
  .notBuilt("auto", .error),
  .notBuilt("secondary", .error),
  .notBuilt("etcd", .error),
  // Not where CoreDNS has it: what is answered from memory never passes the cache, neither on the
  // way down nor up (docs/decisions/0009).
  .built(Cache.definition),
  .built(Loop.definition),
  .built(Forward.definition),
  .notBuilt("grpc", .warning),
  .notBuilt("erratic", .error),
  .built(Whoami.definition),
  .notBuilt("on", .warning),
  .notBuilt("sign", .error),
  .notBuilt("view", .error),
  .notBuilt("nomad", .error),
]

/// Old names of plugins, still read, with a warning.
package let deprecatedPluginNames = ["proxy": "forward"]

/// A place in the order.
package enum PluginEntry: Sendable {
  /// A plugin that works.
  case built(PluginDefinition)
  /// A CoreDNS plugin that is not there yet, and how severe its use is.
  case notBuilt(String, Diagnostic.Severity)

  /// The plugin's name in a Corefile.
  package var name: String {
    switch self {
    case .built(let definition): definition.name
    case .notBuilt(let name, _): name
    }
  }
}

/// How a plugin is set up from its directives.
package struct PluginDefinition: Sendable {
  /// What it means when a plugin stands more than once.
  package enum Repetition: Sendable {
    /// An error.
    case refused
    /// Each line counts.
    case each
    /// The first line counts, with a warning at the others: as CoreDNS.
    case first
    /// The last line counts, with a warning at the others: as CoreDNS.
    case last
  }

  /// Reads the directives of one server block; adds handlers, parts and the like to the set-up.
  package typealias SetUp =
    @Sendable ([Directive], inout BlockSetup, inout ServerSetup) throws(Diagnostic) -> Void

  /// The plugin's name in a Corefile.
  package let name: String
  /// What it means when a server block names it more than once.
  package let repetition: Repetition
  /// Reads all directives of that name, at least one.
  package let setUp: SetUp

  /// A plugin of which one line counts in a server block.
  package init(
    _ name: String, repetition: Repetition = .refused,
    setUp:
      @escaping @Sendable (Directive, inout BlockSetup, inout ServerSetup)
      throws(Diagnostic) -> Void
  ) {
    self.name = name
    self.repetition = repetition
    self.setUp = { (directives, block, server) throws(Diagnostic) in
      if let first = directives.first { try setUp(first, &block, &server) }
    }
  }

  /// A plugin that may stand more than once.
  package init(repeatable name: String, setUp: @escaping SetUp) {
    self.name = name
    repetition = .each
    self.setUp = setUp
  }
}
