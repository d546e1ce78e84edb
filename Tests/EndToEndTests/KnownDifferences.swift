import TestSupport

/// The places where the answers differ from the recorded ones on purpose.
///
/// docs/CONFORMANCE.md has a table with the same ids and how many answers each changes; a test
/// fails when it does not tell what was counted.
enum KnownDifferences {
  /// One declared difference.
  struct Difference: Sendable {
    /// The id in docs/CONFORMANCE.md.
    let id: String
    /// Why the recorded answer is not followed.
    let reason: String
    /// Whether this is what a difference is about.
    let explains: @Sendable (GoldenFile.Entry, GoldenAnswer, GoldenAnswer) -> Bool
  }

  /// In the order in which they are tried.
  static let all = [missingSOA, oneForAny, serviceWeight, reverseNoData]

  private static let missingSOA = Difference(
    id: "soa-missing",
    reason: "SOA at a name that does not exist is NXDOMAIN (RFC 8020 section 2)"
  ) { entry, wanted, got in
    entry.type == .soa && isNoData(wanted) && isDenial(got) && wanted.authority == got.authority
  }

  private static let oneForAny = Difference(
    id: "any-one",
    reason: "ANY at a name with data answers one RRset (RFC 8482 section 4.1)"
  ) { entry, wanted, got in
    let rrsets = Set(got.answer.map { $0.split(separator: " ").prefix(3).joined(separator: " ") })
    return entry.type == .any && wanted.answer.isEmpty && got.responseCode == "NOERROR"
      && got.flags.isSuperset(of: wanted.flags) && rrsets.count == 1
  }

  private static let serviceWeight = Difference(
    id: "srv-weight",
    reason: "weights are computed after duplicate targets are dropped (RFC 2782)"
  ) { entry, wanted, got in
    entry.type == .srv && wanted.responseCode == got.responseCode && wanted.flags == got.flags
      && !got.answer.isEmpty && wanted.authority == got.authority
      && wanted.additional == got.additional
      && Set(wanted.answer.map(withoutWeight)) == Set(got.answer.map(withoutWeight))
  }

  private static let reverseNoData = Difference(
    id: "reverse-nodata",
    reason: "a name with a PTR record exists for every type (RFC 8020)"
  ) { entry, wanted, got in
    entry.name.lowercased().hasSuffix(".arpa.") && entry.type != .ptr && isDenial(wanted)
      && isNoData(got) && wanted.authority == got.authority
  }

  private static func isNoData(_ answer: GoldenAnswer) -> Bool {
    answer.responseCode == "NOERROR" && answer.answer.isEmpty
  }

  private static func isDenial(_ answer: GoldenAnswer) -> Bool {
    answer.responseCode == "NXDOMAIN" && answer.answer.isEmpty
  }

  /// `owner ttl SRV priority weight port target` without the weight.
  private static func withoutWeight(_ record: String) -> String {
    var words = record.split(separator: " ")
    guard words.count == 7, words[2] == "SRV" else { return record }
    words.remove(at: 4)
    return words.joined(separator: " ")
  }
}
