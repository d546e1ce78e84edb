import Synchronization

/// Something that a test changes while others look at it.
package final class Flag: Sendable {
  private let value = Mutex(false)

  /// A flag that is not set.
  package init() {}

  /// Whether it is set.
  package var isSet: Bool { value.withLock { $0 } }

  /// Sets it, or clears it.
  package func set(to isSet: Bool = true) {
    value.withLock { $0 = isSet }
  }
}
