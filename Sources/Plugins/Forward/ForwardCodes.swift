import Corefile

/// The response codes that `next` and `failover` can name: those of the IANA registry "DNS RCODEs"
/// by mnemonic.
enum ForwardCodes {
  private static let codes: [(name: String, code: UInt16)] = [
    ("NOERROR", 0), ("FORMERR", 1), ("SERVFAIL", 2), ("NXDOMAIN", 3), ("NOTIMP", 4),
    ("REFUSED", 5), ("YXDOMAIN", 6), ("YXRRSET", 7), ("NXRRSET", 8), ("NOTAUTH", 9),
    ("NOTZONE", 10), ("DSOTYPENI", 11), ("BADVERS", 16), ("BADSIG", 16), ("BADKEY", 17),
    ("BADTIME", 18), ("BADMODE", 19), ("BADNAME", 20), ("BADALG", 21), ("BADTRUNC", 22),
    ("BADCOOKIE", 23),
    // CoreDNS reads the old spelling too; last, so that it is not suggested.
    ("NOTIMPL", 4),
  ]

  /// The codes that an option names, at least one; case does not count.
  static func codes(of option: Directive) throws(Diagnostic) -> Set<UInt16> {
    try option.requireArguments(1...)
    var result: Set<UInt16> = []
    for token in option.arguments { result.insert(try code(token)) }
    return result
  }

  /// The code that a word names.
  private static func code(_ token: Token) throws(Diagnostic) -> UInt16 {
    let name = token.text.uppercased()
    if let known = codes.first(where: { $0.name == name }) { return known.code }
    let near = nearestWord(to: name, among: codes.map(\.name))
    let hint = near.map { "; did you mean \(quotedForMessage($0))?" } ?? ""
    throw token.error(
      "found \(quotedForMessage(token.text)), expected a response code such as NXDOMAIN, "
        + "SERVFAIL or REFUSED\(hint)")
  }
}
