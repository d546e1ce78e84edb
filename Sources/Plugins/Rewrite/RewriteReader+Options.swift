import Corefile
import DNSWire

extension RewriteReader {
  /// Octets of an option that a Corefile may write.
  private static var dataOctetCountMax: Int { 1_024 }
  /// NSID (RFC 5001).
  private static var identifierCode: UInt16 { 3 }
  /// ECS (RFC 7871).
  private static var subnetCode: UInt16 { 8 }

  /// `edns0 local|nsid|subnet set|append|replace|unset ... [revert]`.
  mutating func optionRule(stops: Bool) throws(Diagnostic) -> RewriteRule {
    let kinds = ["local", "nsid", "subnet"]
    let kindWord = try next("one of \(kinds.joined(separator: ", "))")
    let kind = try kindWord.keyword(ofAnyCase: kinds)
    let verbs = OptionRewriting.Verb.allCases.map(\.rawValue)
    let verbWord = try next("one of \(verbs.joined(separator: ", "))")
    let verb = OptionRewriting.Verb(rawValue: try verbWord.keyword(ofAnyCase: verbs)) ?? .set
    let reverts = verb != .unset && takesLast("revert")
    let option =
      switch kind {
      case "local": try localOption(verb, reverts: reverts)
      case "nsid":
        OptionRewriting(
          code: Self.identifierCode, verb: verb, content: .octets([]), isEchoed: false)
      default: try subnetOption(verb)
      }
    return RewriteRule(stops: stops, action: .option(option))
  }

  private mutating func localOption(
    _ verb: OptionRewriting.Verb, reverts: Bool
  ) throws(Diagnostic) -> OptionRewriting {
    let word = try next("the code of an option, such as 0xffee")
    guard let code = Self.number(word.text) else {
      throw word.error(
        "found \(quotedForMessage(word.text)), expected the code of an option from 0 to 65535, "
          + "such as 0xffee")
    }
    if verb == .unset {
      return OptionRewriting(code: code, verb: verb, content: .octets([]), isEchoed: false)
    }
    let data = try next("the data of the option")
    return OptionRewriting(
      code: code, verb: verb, content: try content(data), isEchoed: !reverts)
  }

  private func content(_ word: Token) throws(Diagnostic) -> OptionRewriting.Content {
    let text = word.text
    if text.hasPrefix("{"), text.hasSuffix("}") { return .variable(try variable(word)) }
    guard text.hasPrefix("0x") else {
      guard text.utf8.count <= Self.dataOctetCountMax else { throw tooLong(word) }
      return .octets(Array(text.utf8))
    }
    let digits = Array(text.utf8.dropFirst(2))
    var octets: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 2) {
      let pair = digits[start..<min(start + 2, digits.count)]
      let digitText = String(decoding: pair, as: UTF8.self)
      guard pair.count == 2, !digitText.hasPrefix("+"), !digitText.hasPrefix("-"),
        let octet = UInt8(digitText, radix: 16)
      else {
        throw word.error(
          "found \(quotedForMessage(text)), expected pairs of hexadecimal digits after 0x")
      }
      octets.append(octet)
    }
    guard octets.count <= Self.dataOctetCountMax else { throw tooLong(word) }
    return .octets(octets)
  }

  private func variable(_ word: Token) throws(Diagnostic) -> OptionRewriting.Variable {
    let name = String(word.text.dropFirst().dropLast())
    if let variable = OptionRewriting.Variable(rawValue: name) { return variable }
    let known = OptionRewriting.Variable.allCases.map(\.rawValue)
    if name.contains("/") {
      throw word.error(
        "found the label \(quotedForMessage(word.text)), but metadata, which would know it, is not "
          + "built yet")
    }
    let list = known.map { "{\($0)}" }.joined(separator: ", ")
    throw word.error("found \(quotedForMessage(word.text)), expected one of \(list)")
  }

  private mutating func subnetOption(
    _ verb: OptionRewriting.Verb
  ) throws(Diagnostic) -> OptionRewriting {
    var lengths = (v4: 0, v6: 0)
    if verb != .unset {
      lengths.v4 = try prefixLength(try next("the bits of an IPv4 address"), 32)
      lengths.v6 = try prefixLength(try next("the bits of an IPv6 address"), 128)
    }
    return OptionRewriting(
      code: Self.subnetCode, verb: verb, content: .subnet(v4: lengths.v4, v6: lengths.v6),
      isEchoed: false)
  }

  private func prefixLength(_ word: Token, _ bitCountMax: Int) throws(Diagnostic) -> Int {
    guard let number = Self.number(word.text), Int(number) <= bitCountMax else {
      throw word.error(
        "found \(quotedForMessage(word.text)), expected a number of bits from 0 to \(bitCountMax)")
    }
    return Int(number)
  }

  private func tooLong(_ word: Token) -> Diagnostic {
    word.error(
      "found \(quotedForMessage(word.text)), expected at most \(Self.dataOctetCountMax) octets")
  }

  /// A number as Go reads it: decimal, `0x`, `0o` or `0`, `0b`.
  private static func number(_ text: String) -> UInt16? {
    let lower = text.lowercased()
    guard lower.utf8.first.map({ (0x30...0x39).contains($0) }) == true else { return nil }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where lower.hasPrefix(prefix) {
      let digits = lower.dropFirst(2)
      guard digits.utf8.first != UInt8(ascii: "+"), digits.utf8.first != UInt8(ascii: "-") else {
        return nil
      }
      return UInt16(digits, radix: radix)
    }
    return lower.count > 1 && lower.hasPrefix("0") ? UInt16(lower, radix: 8) : UInt16(lower)
  }
}
