/// An API server for tests.
package final class APIServer: Sendable {
  /// A server that does nothing yet.
  package init() {}
}
