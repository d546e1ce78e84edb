import DNSWire
import PluginChain
import TestSupport
import Testing

/// Random rules, names and answers, waits in between: every reply is well-formed, to the client's
/// own question, and leaves nothing behind.
@Suite struct RewriteFuzzTests {
  private static let seed: UInt64 = 7_882
  private static let fields = ["name", "name", "name", "name", "ttl", "rcode", "cname", "type"]
  private static let words = [
    "a", "b.test", "test", "c.test", ".test", "a.b.test", "\\000.test", "long\\.label.test", ".",
    String(repeating: "l", count: 63) + ".test", String(repeating: "x.", count: 100) + "test",
  ]
  private static let patterns = [
    ("^(.*)\\.test\\.$", "{1}.b.test"), ("a", "b.test"), ("(.*)", "{1}.{1}"),
    ("(x)?b", "{1}c.test"),
    ("^([^.]+)\\.([^.]+)\\.", "{2}.{1}"), ("\\\\[0-9]{3}", "b.test"), ("()", "q.test"),
  ]
  private static let names = [
    "a.test", "b.test", "A.B.Test", "c.test", "\\000\\001\\255.test", "x\\.y.test", ".",
    String(repeating: "x.", count: 100) + "test", String(repeating: "L", count: 63) + ".test",
    "xb.test", "a", "test",
  ]

  private static func rule(_ random: inout SeededGenerator) -> String {
    func pick(_ list: [String]) -> String { list.randomElement(using: &random) ?? "a" }
    let mode = pick(["", "", "stop ", "continue ", "continue "])
    let field = pick(fields)
    if field == "type" {
      return "rewrite \(mode)type \(pick(["A", "MX", "ANY"])) \(pick(["A", "MX"]))"
    }
    let kind = pick(["exact", "prefix", "suffix", "substring", "regex"])
    let (pattern, replacement) = patterns.randomElement(using: &random) ?? ("a", "b")
    let (from, to) = kind == "regex" ? (pattern, replacement) : (pick(words), pick(words))
    switch field {
    case "ttl": return "rewrite \(mode)ttl \(kind) \(from) \(pick(["0", "30-60", "-9", "7-"]))"
    case "rcode":
      return
        "rewrite \(mode)rcode \(kind) \(from) \(pick(["0", "2", "3"])) \(pick(["0", "3", "16"]))"
    case "cname": return "rewrite \(mode)cname \(kind) \(from) \(to)"
    default:
      var text = "rewrite \(mode)name \(kind) \(from) \(to)"
      let (first, second) = patterns.randomElement(using: &random) ?? ("a", "b")
      switch Int.random(in: 0..<4, using: &random) {
      case 0: text += " answer auto"
      case 1: text += " answer value \(first) \(second)"
      case 2:
        text +=
          " answer name \(first) \(second) value \(second.hasPrefix("{") ? "a" : first) b.test"
      default: break
      }
      return text
    }
  }

  private static func answer(_ name: String, _ random: inout SeededGenerator) -> FakeReply {
    func pick(_ list: [String]) -> String { list.randomElement(using: &random) ?? "a" }
    func record() -> FakeRecord {
      let owner = pick([name, name, pick(names)])
      switch Int.random(in: 0..<8, using: &random) {
      case 0: return .mx(owner, 5, 1, pick(names))
      case 1: return .srv(owner, 50, 1, pick(names))
      case 2: return .ns(owner, 5, pick(names))
      case 3: return .ptr(owner, 5, pick(names))
      case 4: return .soa(owner, 5, minimum: 30)
      case 5: return .txt(owner, 5, 200)
      default: return .a(owner, 5)
      }
    }
    func records(_ countMax: Int) -> [FakeRecord] {
      (0..<Int.random(in: 0...countMax, using: &random)).map { _ in record() }
    }
    var reply = FakeReply(answer: records(6), authority: records(2), additional: records(3))
    if Bool.random(using: &random) {
      reply.answer.append(.cname(name, 5, pick(names)))
      reply.hasOpenAlias = Bool.random(using: &random)
    }
    reply.code =
      [.noError, .noError, .nameError, .serverFailure].randomElement(using: &random)
      ?? .noError
    reply.isTruncated = Int.random(in: 0..<12, using: &random) == 0
    return reply
  }

  @Test func `random rules`() throws {
    var random = SeededGenerator(seed: Self.seed)
    var (rewrittenCount, waitCount, truncatedCount, aliasCount) = (0, 0, 0, 0)
    for round in 0..<400 {
      let rules = (0..<Int.random(in: 1...4, using: &random)).map { _ in Self.rule(&random) }
      let answerSeed = random.next()
      let bench = try RewriteBench(rules.joined(separator: "\n"), ownZones: ["."]) {
        name, _, count in
        var random = SeededGenerator(seed: answerSeed &+ UInt64(count) &* 77)
        if Int.random(in: 0..<5, using: &random) == 0 { return nil }
        return Self.answer(name, &random)
      }
      for name in Self.names {
        let type = [RRType.a, .mx, .any, .cname].randomElement(using: &random) ?? .a
        let isStream = Bool.random(using: &random)
        let payload: UInt16? = Bool.random(using: &random) ? 1232 : nil
        let ask = Ask(name, type, isStream ? .tcp : .udp, payload: payload)
        var octets = bench.octets(for: ask)
        var waits = 0
        while octets == nil, waits < 100 {
          waits += 1
          octets = try bench.resume()?.octets
        }
        waitCount += waits
        let what = "seed \(Self.seed), round \(round): \(rules) \(name) \(type)"
        let reply = try Reply(try #require(octets, "\(what)"))
        let asked = Array(ask.octets[12..<(12 + (DomainName(text: name)?.wire.count ?? 0) + 4)])
        #expect(Array(reply.octets.dropFirst(12).prefix(asked.count)) == asked, "\(what)")
        #expect(reply.header.id == Ask.id && reply.header.questionCount == 1, "\(what)")
        #expect((reply.payload != nil) == (payload != nil), "\(what)")
        #expect(isStream || reply.octets.count <= Int(payload ?? 512), "\(what)")
        #expect(!bench.hasOriginal, "\(what)")
        if reply.isTruncated { truncatedCount += 1 }
        if reply.answer.contains(where: { $0.contains(" CNAME ") }) { aliasCount += 1 }
      }
      rewrittenCount += bench.sightings.texts.count { $0.contains(" for ") }
    }
    #expect(rewrittenCount > 500 && waitCount > 100 && truncatedCount > 50 && aliasCount > 200)
  }
}
