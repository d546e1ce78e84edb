import DNSWire
import PluginChain
import Synchronization
import TestSupport

/// What handlers saw of questions or replies, in order.
final class Sightings: Sendable {
  /// One look at an exchange.
  struct Sighting: Sendable {
    /// QNAME, folded, in presentation form.
    let name: String
    /// The answer section's records.
    let answerCount: Int
    /// RCODE.
    let code: ResponseCode
    /// TC.
    let isTruncated: Bool
    /// Nobody waits for it.
    let isRefresh: Bool
    /// What is written of the reply, in octets.
    let octetCount: Int
  }

  private let entries = Mutex<[Sighting]>([])

  /// All so far.
  var all: [Sighting] { entries.withLock { $0 } }
  /// `name answers` of each: short enough to compare.
  var texts: [String] { all.map { "\($0.name) \($0.answerCount)" } }

  /// Notes what `exchange` holds.
  func add(_ exchange: borrowing Exchange) {
    let entry = Sighting(
      name: exchange.name.domainName?.description ?? "",
      answerCount: Int(exchange.reply.answerCount), code: exchange.reply.responseCode,
      isTruncated: exchange.reply.isTruncated, isRefresh: exchange.isRefresh,
      octetCount: exchange.reply.count)
    entries.withLock { $0.append(entry) }
  }

  /// Whether there are `count` or more for `name`, once there are.
  func haveCome(_ count: Int = 1, _ name: String, for limit: Duration = .seconds(20)) -> Bool {
    waitUntil(limit, every: .milliseconds(1)) { all.count { $0.name == name } >= count }
  }
}

/// Looks at replies, either as one who keeps answers or as an observer of what goes out.
final class Watcher: Handler, @unchecked Sendable {
  private let sightings: Sightings
  private let keeps: Bool

  init(_ sightings: Sightings, keeps: Bool, next: Handler?) {
    self.sightings = sightings
    self.keeps = keeps
    super.init(next: next)
  }

  override func reply(_ exchange: inout Exchange) { sightings.add(exchange) }

  override var seesReplies: Bool { true }
  override var keepsAnswers: Bool { keeps }
}

/// A scripted chain below handlers that watch it.
struct Stage: Sendable {
  /// Where queries wait.
  let gate = Gate()
  /// Questions that the script was asked.
  let asked = Sightings()
  /// What handlers saw that keep answers.
  let kept = Sightings()
  /// What observers saw.
  let observed = Sightings()
  /// The chain.
  let chain: Chain

  /// A chain that plays `lines`, below those that `above` makes, top first.
  init(_ lines: [String: Line], above: [(Handler?) -> Handler] = []) {
    let (gate, asked, kept, observed) = (gate, asked, kept, observed)
    chain = Chain(
      [
        { Watcher(observed, keeps: false, next: $0) }, { Watcher(kept, keeps: true, next: $0) },
      ] + above + [{ ScriptedHandler(lines, gate, asked: asked, next: $0) }])
  }
}

extension Packet {
  /// A question for the address of `name`.
  static func asking(_ name: String, id: UInt16 = 1) -> Packet {
    Packet(id: id, name: Query.wireName(name))
  }

  /// The same with an OPT record that announces `size` octets.
  static func asking(_ name: String, id: UInt16 = 1, size: UInt16) -> Packet {
    Packet(
      id: id, counts: [1, 0, 0, 1], name: Query.wireName(name), tail: optRecord(size))
  }
}

extension ParsedMessage {
  /// `owner TYPE data` of the answer section.
  var answers: [String] {
    records(in: .answer).map { "\($0.owner) \(RecordText.mnemonic($0.type)) \($0.data)" }
  }

  /// INFO-CODE and text of the first extended error (RFC 8914).
  var errorText: String? {
    guard let data = edns?.options.first(where: { $0.code == 15 })?.data, data.count >= 2 else {
      return nil
    }
    let text = String(decoding: data.dropFirst(2), as: UTF8.self)
    return "\(Int(data[0]) << 8 | Int(data[1])) \(text)"
  }
}
