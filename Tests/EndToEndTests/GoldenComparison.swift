import TestSupport

/// Compares answers with recorded ones and counts what came out.
struct GoldenComparison {
  /// What became of one question.
  enum Verdict: Equatable {
    /// The same.
    case same
    /// NODATA where the recording denies a name that exists (RFC 8020, RFC 4074).
    case corrected
    /// A difference that is declared in `KnownDifferences`.
    case declared(String)
    /// Anything else, with the fields that differ.
    case different([String])
  }

  /// Names that exist for some type, and all names above them, in lower case (RFC 8020).
  private let existing: Set<String>
  /// Counts of each declared difference.
  private(set) var declaredCounts: [String: Int] = [:]
  /// Lines about undeclared differences.
  private(set) var complaints: [String] = []
  private(set) var sameCount = 0
  private(set) var correctedCount = 0

  /// Prepares for the questions of one file.
  init(_ entries: [GoldenFile.Entry]) {
    var existing: Set<String> = []
    for entry in entries where entry.answer.responseCode == "NOERROR" {
      var rest = entry.name.lowercased()[...]
      while existing.insert(String(rest)).inserted, let dot = rest.firstIndex(of: ".") {
        rest = rest[rest.index(after: dot)...]
      }
    }
    self.existing = existing
  }

  /// Compares, without counting.
  func verdict(_ entry: GoldenFile.Entry, _ wanted: GoldenAnswer, _ got: GoldenAnswer) -> Verdict {
    let fields = Self.differingFields(entry, wanted, got)
    if fields.isEmpty { return .same }
    let exists = existing.contains(entry.name.lowercased())
    let deniesExisting =
      wanted.responseCode == "NXDOMAIN" && got.responseCode == "NOERROR" && got.answer.isEmpty
      && got.authority == wanted.authority && exists
    if deniesExisting { return .corrected }
    let known = KnownDifferences.all.first {
      (exists || !$0.needsExistence) && $0.explains(entry, wanted, got)
    }
    return known.map { .declared($0.id) } ?? .different(fields)
  }

  /// Compares and counts.
  mutating func add(_ entry: GoldenFile.Entry, _ wanted: GoldenAnswer, _ got: GoldenAnswer) {
    switch verdict(entry, wanted, got) {
    case .same: sameCount += 1
    case .corrected: correctedCount += 1
    case .declared(let id): declaredCounts[id, default: 0] += 1
    case .different(let fields):
      complain(entry, fields.map { Self.detail($0, wanted, got) }.joined(separator: "; "))
    }
  }

  /// Notes that there was no answer to compare.
  mutating func add(_ entry: GoldenFile.Entry, failure: any Error) {
    complain(entry, "no answer: \(failure)")
  }

  private mutating func complain(_ entry: GoldenFile.Entry, _ text: String) {
    complaints.append("\(entry.name) \(entry.type) \(entry.transport): \(text)")
  }

  private static func detail(_ field: String, _ wanted: GoldenAnswer, _ got: GoldenAnswer) -> String
  {
    func sets(_ wanted: Set<String>, _ got: Set<String>) -> String {
      let missing = wanted.subtracting(got).sorted()
      let surplus = got.subtracting(wanted).sorted()
      let shownCountMax = 4
      return "\(field): missing \(missing.prefix(shownCountMax)), "
        + "surplus \(surplus.prefix(shownCountMax))"
    }
    return switch field {
    case "rcode": "rcode: want \(wanted.responseCode), got \(got.responseCode)"
    case "flags": sets(wanted.flags, got.flags)
    case "answer": sets(wanted.answer, got.answer)
    case "authority": sets(wanted.authority, got.authority)
    case "additional": sets(wanted.additional, got.additional)
    case "question": "question: got \(got.questions ?? [])"
    default: "\(field): want \(wanted.hasEDNS), got \(got.hasEDNS)"
    }
  }

  private static func differingFields(
    _ entry: GoldenFile.Entry, _ wanted: GoldenAnswer, _ got: GoldenAnswer
  ) -> [String] {
    let question = "\(entry.name) IN \(RecordText.mnemonic(entry.type.rawValue))"
    var fields: [String] = []
    if wanted.responseCode != got.responseCode { fields.append("rcode") }
    if wanted.flags != got.flags { fields.append("flags") }
    // A truncated answer may hold any part of the records.
    let areBothTruncated = wanted.flags.contains("TC") && got.flags.contains("TC")
    if wanted.answer != got.answer, !areBothTruncated { fields.append("answer") }
    if wanted.authority != got.authority { fields.append("authority") }
    if wanted.additional != got.additional, !areBothTruncated { fields.append("additional") }
    if let questions = got.questions, questions != [question] { fields.append("question") }
    if wanted.hasEDNS != got.hasEDNS { fields.append("edns") }
    return fields
  }
}
