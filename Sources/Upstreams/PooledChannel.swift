/// One open channel and what is in flight in it.
final class PooledChannel: TimedEntry {
  /// Its number with `UpstreamChannels`.
  let number: UInt64
  /// Datagram or stream.
  let kind: ChannelKind
  /// Whom it leads to.
  let state: UpstreamState
  /// Grows with every channel opened.
  let serial: UInt64
  /// When it takes no more questions; `.max` for never.
  let retiresAt: UInt64
  /// Takes no more questions and goes when it is empty.
  var isRetired = false
  /// It failed or was closed: it is in no table any more.
  var isClosed = false
  /// A reply came through it.
  var hasReplied = false
  /// Since when questions in flight have met with silence; `nil` when there are none.
  var silentSince: UInt64?
  /// When the last question left it.
  var idleSince: UInt64
  /// Its place among the datagram channels of its upstream.
  var place = 0
  /// Questions in flight by ID.
  private(set) var attempts: [UInt16: Attempt] = [:]

  init(
    number: UInt64, kind: ChannelKind, state: UpstreamState, serial: UInt64, now: UInt64,
    retiresAt: UInt64
  ) {
    self.number = number
    self.kind = kind
    self.state = state
    self.serial = serial
    self.retiresAt = retiresAt
    idleSince = now
  }

  /// Questions in flight it may have.
  var attemptCountMax: Int {
    switch kind {
    case .datagram: EngineLimits.attemptPerSocketCountMax
    case .stream: EngineLimits.attemptPerStreamCountMax
    }
  }

  /// Whether it can take another question.
  var hasRoom: Bool { !isRetired && !isClosed && attempts.count < attemptCountMax }

  /// A random ID that nothing in flight here has; `nil` when none was found.
  func freshID(_ random: () -> UInt64) -> UInt16? {
    for _ in 0..<EngineLimits.identifierDrawCountMax {
      let id = UInt16(truncatingIfNeeded: random())
      if attempts[id] == nil { return id }
    }
    return nil
  }

  func add(_ attempt: Attempt, now: UInt64) {
    attempts[attempt.id] = attempt
    if silentSince == nil { silentSince = now }
  }

  func remove(_ attempt: Attempt) {
    guard attempts[attempt.id] === attempt else { return }
    attempts[attempt.id] = nil
    if attempts.isEmpty { silentSince = nil }
  }

  /// Something came.
  func heard(now: UInt64) {
    silentSince = attempts.isEmpty ? nil : now
  }

  /// Takes all out, by ID, so that equal runs are equal.
  func removeAll() -> [Attempt] {
    let all = attempts.values.sorted { $0.id < $1.id }
    attempts = [:]
    silentSince = nil
    return all
  }

  override func due(_ engine: UpstreamEngine, now: UInt64) {
    engine.closeIfExpired(self, now: now)
  }
}
