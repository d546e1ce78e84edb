import Synchronization

/// Whether the server has been told to end. From then on it still serves for a while (`lameduck`),
/// but nobody new should be sent to it.
package final class Ending: Sendable {
  private let isBegun = Atomic<Bool>(false)

  /// Of a server that goes on.
  package init() {}

  /// Notes that the server ends; for good.
  package func begin() { isBegun.store(true, ordering: .releasing) }

  /// Whether it does.
  package var hasBegun: Bool { isBegun.load(ordering: .acquiring) }
}
