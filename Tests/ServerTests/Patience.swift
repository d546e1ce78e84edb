import DNSWire
import PluginChain
import Synchronization

/// A handler as `cache` is one: it has what it answered asked again, and answers for those below
/// when they take too long.
final class PatientHandler: Handler, @unchecked Sendable {
  /// What it does when the time has come.
  enum Hurry: Sendable {
    /// Answers with that many addresses.
    case addresses(Int)
    /// Answers with an alias.
    case alias(String)
    /// Has no answer.
    case decline
  }

  private let refreshed: Set<String>
  private let hurries: [String: Hurry]
  private let hurryAt: UInt64
  private let hurried: Sightings

  /// Answers `refreshed` with three addresses and has them asked again; for names in `hurries` it
  /// wants to be asked at `hurryAt`, which is in the past.
  init(
    refreshed: Set<String> = [], hurries: [String: Hurry] = [:], hurryAt: UInt64 = 0,
    hurried: Sightings = Sightings(), next: Handler?
  ) {
    self.refreshed = refreshed
    self.hurries = hurries
    self.hurryAt = hurryAt
    self.hurried = hurried
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard !exchange.isRefresh else { return passOn(&exchange) }
    let name = exchange.questionText
    if refreshed.contains(name) {
      for _ in 0..<3 where exchange.appendAddress() {}
      exchange.refreshHeight = height
      return answered(&exchange)
    }
    if hurries[name] != nil {
      exchange.hurryAt = hurryAt
      exchange.hurryHeight = height
    }
    return passOn(&exchange)
  }

  override func hurry(_ exchange: inout Exchange) -> Bool {
    hurried.add(exchange)
    switch hurries[exchange.questionText] {
    case .addresses(let count): for _ in 0..<count where exchange.appendAddress() {}
    case .alias(let target):
      exchange.appendAlias(to: target)
      exchange.aliasIsOurs = true
    case .decline, nil:
      // What was written goes nowhere.
      _ = exchange.appendAddress()
      return false
    }
    return true
  }
}
