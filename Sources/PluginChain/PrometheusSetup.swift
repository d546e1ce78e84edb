/// What the `prometheus` directives of all server blocks come to.
package struct PrometheusSetup {
  /// The addresses to serve on.
  package var addresses: Set<String> = []
  /// The web configurations that tell how TLS is spoken, by address.
  package var tlsFiles: [String: String] = [:]
  /// More of the process is shown.
  package var showsRuntimeMetrics = false
  /// How queries are counted that no server block is for, by the label `server`.
  package var unroutedCounting: [String: @Sendable (Handler?) -> Handler] = [:]

  /// Nothing is served.
  package init() {}
}
