/// Takes what a reflector finds out.
package protocol ReflectorSink: Sendable {
  /// Applies a batch of changes; `false` when they could not be taken, so that they come again.
  func apply(_ changes: [ObjectChange]) -> Bool
  /// Everything of a kind was seen once, and its changes were passed on.
  func didSync(_ kind: ObjectKind)
  /// A line for the operator.
  func tell(_ notice: ReflectorNotice)
}

/// How a reflector stands.
package struct ReflectorStatus: Hashable, Sendable {
  /// What is followed.
  package let resource: APIResource
  /// How far the picture is.
  package internal(set) var sync = ReflectorSync.never
  /// What was seen and done, ever.
  package internal(set) var counters = ReflectorCounters()
  /// How many objects are known.
  package internal(set) var objectCount = 0
  /// How long it is since what is known was certainly what the server knows; `nil` before the
  /// first list.
  package internal(set) var age: Duration?
}
