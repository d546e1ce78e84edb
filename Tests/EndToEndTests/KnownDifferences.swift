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
    /// Whether it is about names only that the recordings show to exist.
    var needsExistence = false
    /// Whether this is what a difference is about.
    let explains: @Sendable (GoldenFile.Entry, GoldenAnswer, GoldenAnswer) -> Bool
  }

  /// In the order in which they are tried.
  static let all = [
    missingSOA, oneForAny, serviceWeight, heldNoData, alias, anyPort, podAddresses,
    hiddenReverse,
  ]

  private static let missingSOA = Difference(
    id: "soa-missing",
    reason: "SOA at a name that does not exist is NXDOMAIN (RFC 8020 section 2)"
  ) { entry, wanted, got in
    entry.type == .soa && isNoData(wanted)
      && (isDenial(got) && wanted.authority == got.authority || isPassedOn(got))
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

  private static let heldNoData = Difference(
    id: "held-nodata",
    reason: "a name that exists is NODATA for the types it lacks and does not fall through "
      + "(RFC 2308 section 2.2)",
    needsExistence: true
  ) { entry, wanted, got in
    isPassedOn(wanted) && isNoData(got) && got.flags == wanted.flags.union(["AA"])
      && got.authority.count == 1 && got.authority.allSatisfy { $0.contains(" SOA ") }
  }

  private static let alias = Difference(
    id: "alias",
    reason: "a CNAME stands for every type, and the last name of its chain decides the code "
      + "(RFC 1034 section 3.6.2, RFC 2308 section 2.2, RFC 6604 section 3)"
  ) { entry, wanted, got in
    let owner = entry.name.lowercased() + " "
    let isDenied = got.responseCode == "NXDOMAIN" && got.authority.contains { $0.contains(" SOA ") }
    return wanted.responseCode == "NOERROR" && got.flags == wanted.flags
      && (got.responseCode == "NOERROR" && wanted.answer.isEmpty || isDenied)
      && wanted.answer.allSatisfy { $0.contains(" CNAME ") }
      && got.answer.isSuperset(of: wanted.answer)
      && got.answer.contains { $0.lowercased().hasPrefix(owner) && $0.contains(" CNAME ") }
  }

  private static let anyPort = Difference(
    id: "any-port",
    reason: "an empty port label names no port (Kubernetes DNS specification 2.3.2)"
  ) { entry, wanted, got in
    entry.name.hasPrefix("_._") && entry.type == .srv && !wanted.answer.isEmpty
      && (isDenial(got) || isPassedOn(got))
  }

  private static let podAddresses = Difference(
    id: "pod-addresses",
    reason: "a pod has a name for each of its addresses, not for the first alone"
  ) { entry, wanted, got in
    entry.name.contains(".pod.") && isDenial(wanted) && got.responseCode == "NOERROR"
  }

  private static let hiddenReverse = Difference(
    id: "hidden-reverse",
    reason: "what namespace_labels hides has no reverse name either"
  ) { entry, wanted, got in
    entry.type == .ptr && !wanted.answer.isEmpty && (isDenial(got) || isPassedOn(got))
  }

  /// The query went on to the upstream, which refuses what is not its own, or to nobody.
  private static func isPassedOn(_ answer: GoldenAnswer) -> Bool {
    ["REFUSED", "SERVFAIL"].contains(answer.responseCode) && answer.answer.isEmpty
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
