import PluginChain
import Synchronization

/// What handlers did, in order.
final class Journal: Sendable {
  private let lines = Mutex<[String]>([])

  /// Adds one line.
  func write(_ line: String) {
    lines.withLock { $0.append(line) }
  }

  /// All lines so far, as one text.
  var text: String { lines.withLock { $0.joined(separator: " ") } }
}

/// A handler that does one thing and notes every call.
final class Probe: Handler, @unchecked Sendable {
  /// What a probe does with a query.
  enum Action: Sendable {
    /// Hands it on.
    case pass
    /// Answers it.
    case answer
    /// Says that there will be no reply.
    case drop
    /// Hands it on to nobody.
    case giveUp
    /// Waits, then answers.
    case waitThenAnswer
    /// Waits, then hands it on.
    case waitThenPass
    /// Waits twice, then answers.
    case waitTwice
    /// Waits, then gives up.
    case waitThenGiveUp
    /// Waits, then drops it.
    case waitThenDrop
    /// Hands it on, and answers when asked for a reply before those below.
    case hurry
  }

  private let name: String
  private let action: Action
  private let sees: Bool
  private let keeps: Bool
  private let journal: Journal
  private let resumptions = Mutex(0)

  init(
    _ name: String, _ action: Action, sees: Bool = true, keeps: Bool = false, _ journal: Journal,
    next: Handler?
  ) {
    self.name = name
    self.action = action
    self.sees = sees
    self.keeps = keeps
    self.journal = journal
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    journal.write("\(name)↓")
    switch action {
    case .pass, .hurry: return passOn(&exchange)
    case .answer: return answered(&exchange)
    case .drop: return .dropped
    case .giveUp: return .unanswered
    default: return waits(&exchange)
    }
  }

  override func resume(_ exchange: inout Exchange) -> Outcome {
    journal.write("\(name)→")
    let count = resumptions.withLock { count in
      count += 1
      return count
    }
    switch action {
    case .waitThenPass: return passOn(&exchange)
    case .waitTwice where count == 1: return waits(&exchange)
    case .waitThenGiveUp: return super.resume(&exchange)
    case .waitThenDrop: return .dropped
    default: return answered(&exchange)
    }
  }

  override func reply(_ exchange: inout Exchange) {
    journal.write("\(name)↑")
  }

  override func hurry(_ exchange: inout Exchange) -> Bool {
    journal.write("\(name)!")
    return action == .hurry
  }

  override var seesReplies: Bool { sees }
  override var keepsAnswers: Bool { keeps }
}

/// One probe of a chain as a test writes it down.
struct ProbeSpec: Sendable {
  /// Its name in the journal.
  let name: String
  /// What it does.
  let action: Probe.Action
  /// Whether it wants to see replies.
  let sees: Bool
  /// Whether it keeps answers.
  var keeps = false

  /// A probe that keeps answers.
  static func keeper(_ name: String, _ action: Probe.Action = .pass) -> ProbeSpec {
    ProbeSpec(name: name, action: action, sees: true, keeps: true)
  }

  /// A probe that sees replies.
  static func probe(_ name: String, _ action: Probe.Action = .pass) -> ProbeSpec {
    ProbeSpec(name: name, action: action, sees: true)
  }

  /// A probe that has nothing to do on the way up.
  static func blind(_ name: String, _ action: Probe.Action = .pass) -> ProbeSpec {
    ProbeSpec(name: name, action: action, sees: false)
  }
}

extension Chain {
  /// A chain of probes, the first on top.
  convenience init(_ specs: [ProbeSpec], _ journal: Journal) {
    self.init(
      specs.map { spec in
        { next in
          Probe(spec.name, spec.action, sees: spec.sees, keeps: spec.keeps, journal, next: next)
        }
      })
  }
}
