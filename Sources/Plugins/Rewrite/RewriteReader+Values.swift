import Corefile
import DNSWire

extension RewriteReader {
  /// The largest TTL (RFC 2181 §8), in seconds.
  private static var ttlSecondsMax: UInt32 { 0x7FFF_FFFF }

  /// `type FROM TO`.
  mutating func typeRule(stops: Bool) throws(Diagnostic) -> RewriteRule {
    let from = try type(try next("the type to rewrite"))
    let to = try type(try next("the type that takes its place"))
    return RewriteRule(stops: stops, type: from.rawValue, action: .question(to, nil))
  }

  /// `class FROM TO`.
  mutating func classRule(stops: Bool) throws(Diagnostic) -> RewriteRule {
    let (fromWord, toWord) = (
      try next("the class to rewrite"), try next("the class that takes its place")
    )
    let (from, to) = (try classCode(fromWord), try classCode(toWord))
    if from != .internet, from != .chaos {
      warn(fromWord, "queries of class \(from) are refused before rewrite: this has no effect")
    }
    if to != .internet {
      warn(toWord, "nothing is answered in class \(to) below rewrite: such queries are refused")
    }
    return RewriteRule(stops: stops, classCode: from.rawValue, action: .question(nil, to))
  }

  /// `ttl [KIND] NAME SECONDS|MIN-MAX|-MAX|MIN-`.
  mutating func ttlRule(stops: Bool) throws(Diagnostic) -> RewriteRule {
    let match = try names(before: 1, "seconds")
    let word = try next("seconds, or a range such as 30-300")
    let parts = word.text.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = parts.map { UInt32($0).map { min($0, Self.ttlSecondsMax) } }
    var range: ClosedRange<UInt32>?
    if parts.count == 1, let only = numbers[0] { range = only...only }
    if parts.count == 2, parts != ["", ""] {
      let (low, high) = (
        parts[0].isEmpty ? 0 : numbers[0], parts[1].isEmpty ? Self.ttlSecondsMax : numbers[1]
      )
      if let low, let high, low <= high { range = low...high }
    }
    guard let range else {
      throw word.error(
        "found \(quotedForMessage(word.text)), expected seconds, or a range such as 30-300, 30- or "
          + "-300")
    }
    return RewriteRule(stops: stops, match: match, action: .ttl(range))
  }

  /// `rcode [KIND] NAME FROM TO`.
  mutating func codeRule(stops: Bool) throws(Diagnostic) -> RewriteRule {
    let match = try names(before: 2, "two response codes")
    let from = try code(try next("the response code to rewrite"))
    let to = try code(try next("the response code that takes its place"))
    return RewriteRule(stops: stops, match: match, action: .code(from: from, to: to))
  }

  // MARK: - Words

  private func type(_ word: Token) throws(Diagnostic) -> RRType {
    guard let type = RewriteTypes.type(word.foldedText), type.rawValue != 0 else {
      let near = nearestWord(to: word.text, among: RewriteTypes.names)
      throw word.error(
        "found \(quotedForMessage(word.text)), expected a record type"
          + (near.map { "; did you mean \(quotedForMessage($0))?" } ?? ""))
    }
    return type
  }

  private func classCode(_ word: Token) throws(Diagnostic) -> RRClass {
    let codes: [String: UInt16] = ["in": 1, "cs": 2, "ch": 3, "hs": 4, "none": 254, "any": 255]
    guard let code = codes[word.foldedText] else {
      throw word.error("found \(quotedForMessage(word.text)), expected a class: IN, CH or HS")
    }
    return RRClass(rawValue: code)
  }

  private func code(_ word: Token) throws(Diagnostic) -> ResponseCode {
    let codes: [String: UInt16] = [
      "noerror": 0, "formerr": 1, "servfail": 2, "nxdomain": 3, "notimp": 4, "notimpl": 4,
      "refused": 5, "yxdomain": 6, "yxrrset": 7, "nxrrset": 8, "notauth": 9, "notzone": 10,
      "badsig": 16, "badvers": 16, "badkey": 17, "badtime": 18, "badmode": 19, "badname": 20,
      "badalg": 21, "badtrunc": 22, "badcookie": 23,
    ]
    let numbers: ClosedRange<UInt16> = 0...23
    let number = UInt16(word.text).flatMap { numbers.contains($0) ? $0 : nil }
    guard let code = number ?? codes[word.foldedText] else {
      let near = nearestWord(to: word.text, among: codes.keys.sorted())
      throw word.error(
        "found \(quotedForMessage(word.text)), expected a response code such as NXDOMAIN, or a "
          + "number from 0 to \(numbers.upperBound)"
          + (near.map { "; did you mean \(quotedForMessage($0.uppercased()))?" } ?? ""))
    }
    return ResponseCode(rawValue: code)
  }
}
