// How a driver runs a reflector, which does no I/O and holds no objects:
//
// 1. `start(at:)`, and then `handle(_:at:)` for whatever happens, give actions, to be done in their
//    order.
// 2. `send` and `cancel` are for the HTTP client; what comes of a request comes back as events with
//    its number. When `deadline` has passed, `timer` is due.
// 3. `apply` and `sweep` are for the cluster's records: `ClusterRecords.perform(_:now:)` does them
//    and has the event to hand back.
// 4. A kind's first list is over when `sync` becomes `synced`. When it has for Services, slices
//    and namespaces, `ClusterRecords.declareReady(.records, now:)` is due, for pods
//    `declareReady(.pods, now:)`; both may be called again, and have to be when they throw.
// 5. After a list, `releaseFreeMemory()`.

/// What happens to a reflector. A request's events carry its number; those of a request that is
/// over are ignored.
package enum ReflectorEvent: Sendable {
  /// The response is 200; its body follows.
  case accepted(UInt64)
  /// Some octets came that may not make an event yet.
  case traffic(UInt64)
  /// Objects of a page.
  case listed(UInt64, [APIObject])
  /// The page's end.
  case listEnded(UInt64, APIListEnd)
  /// Something in a watch.
  case watched(UInt64, APIWatchEvent)
  /// The response is another than 200.
  case refused(UInt64, APIStatus)
  /// The response ended as HTTP has it.
  case ended(UInt64)
  /// There is no response, or no more of it, and why; or its body is none.
  case failed(UInt64, String)
  /// Credentials were read again, or cannot be.
  case credentialsRefreshed
  /// `Reflector.deadline` has passed.
  case timer
  /// What `apply` or `sweep` came to, with the `verifies` of the action.
  case applied(EventOutcome, verifies: Bool)
  /// An `apply` or `sweep` could not be done: what it was about has to come again.
  case rejected
}

/// What a reflector wants done, in this order.
package enum ReflectorAction: Hashable, Sendable {
  /// Send a request under this number.
  case send(UInt64, APIRequest)
  /// Give up a request.
  case cancel(UInt64)
  /// Read the credentials again, then say so; the request comes after that.
  case refreshCredentials
  /// Pass on a batch of events, at most `ReflectorOptions.changeCountMax`. `verifies` when they
  /// should change nothing.
  case apply([ObjectEvent], verifies: Bool)
  /// Take away all objects of the kind that a list did not name.
  case sweep(SeenKeys, verifies: Bool)
  /// Say something to the operator; a line that would come too often is left out already.
  case tell(ReflectorNotice)
}

/// A line for the operator.
package struct ReflectorNotice: Hashable, Sendable {
  /// How much it matters.
  package enum Severity: UInt8, Hashable, Sendable {
    /// Things go well, again.
    case info
    /// Something is not as it should be; what is known stays.
    case warning
  }

  /// How much it matters.
  package let severity: Severity
  /// The line.
  package let message: String
}

/// How far a reflector's picture is.
package enum ReflectorSync: Hashable, Sendable {
  /// Not everything has been seen yet: what is missing may only be unknown.
  case never
  /// Everything was seen at least once. What is known stays, whatever happens to the server.
  case synced
}

/// Times and sizes of a reflector.
package struct ReflectorOptions: Hashable, Sendable {
  /// Objects of a page.
  package var pageObjectCountMax = 500
  /// Events of a batch.
  package var changeCountMax = 500
  /// How long a connection may be without any octet. API servers send a bookmark a minute.
  package var silenceMax = Duration.seconds(90)
  /// How long until everything is listed again to verify what is known, give or take a tenth.
  package var verifyInterval = Duration.seconds(600)
  /// How long the server is asked to keep a watch: this long to twice as long, by chance.
  package var watchSecondsMin = 300
  /// The first delay after a failure; it doubles with each further one.
  package var retryDelayMin = Duration.milliseconds(800)
  /// The longest delay after a failure.
  package var retryDelayMax = Duration.seconds(30)
  /// Whether the first objects are asked for as events of a watch (KEP-3157), where offered.
  package var usesWatchList = true

  /// What suits an API server.
  package init() {}
}

/// What a reflector has seen and done, ever.
package struct ReflectorCounters: Hashable, Sendable {
  /// Complete lists, those at the beginning of a watch included.
  package var listCount: UInt64 = 0
  /// Pages of lists.
  package var pageCount: UInt64 = 0
  /// Lists that were begun because the server could not go on (410, 504, ERROR).
  package var relistCount: UInt64 = 0
  /// Lists that were begun to verify what is known.
  package var verificationCount: UInt64 = 0
  /// Objects that differed in such a list, changes of that very moment included.
  package var differenceCount: UInt64 = 0
  /// Watches that were begun.
  package var watchCount: UInt64 = 0
  /// ADDED and MODIFIED.
  package var setEventCount: UInt64 = 0
  /// DELETED.
  package var deleteEventCount: UInt64 = 0
  /// BOOKMARK.
  package var bookmarkCount: UInt64 = 0
  /// ERROR, and events that cannot be told.
  package var errorEventCount: UInt64 = 0
  /// Deletions of an object whose name another one has by now.
  package var otherUIDCount: UInt64 = 0
  /// Objects that were refused.
  package var refusedObjectCount: UInt64 = 0
  /// Connections given up because nothing came.
  package var silenceCount: UInt64 = 0
  /// Requests and connections that failed.
  package var failureCount: UInt64 = 0
  /// Responses 401.
  package var unauthorizedCount: UInt64 = 0
  /// Responses 403.
  package var forbiddenCount: UInt64 = 0

  /// Nothing yet.
  package init() {}
}
