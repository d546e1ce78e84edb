/// When what led to a version of an EndpointSlice happened, as its controller wrote it.
///
/// It says nothing of what the slice is, so all of them are equal: two versions of a slice that
/// differ in nothing else are the same.
package struct ChangeTrigger: Hashable, Sendable {
  /// Seconds since 1970, with a fraction; `nil` when the controller said nothing.
  package let seconds: Double?

  /// Nothing said.
  package static let unknown = ChangeTrigger(seconds: nil)
  /// The annotation that tells it.
  package static let annotation = "endpoints.kubernetes.io/last-change-trigger-time"

  /// A trigger at a time.
  package init(seconds: Double?) { self.seconds = seconds }

  /// Reads the annotation's text, a time as RFC 3339 section 5.6 has it; `unknown` for any other.
  package init(text: String) { seconds = Self.parsed(Array(text.utf8)) }

  /// Always: see above.
  package static func == (one: ChangeTrigger, other: ChangeTrigger) -> Bool { true }

  /// Adds nothing.
  package func hash(into hasher: inout Hasher) {}

  // MARK: - RFC 3339

  /// The longest text that is read, in octets: `2006-01-02T15:04:05.999999999+07:00` is 35.
  private static let textOctetCountMax = 40

  private static func parsed(_ text: [UInt8]) -> Double? {
    guard (20...textOctetCountMax).contains(text.count),
      [4, 7].allSatisfy({ text[$0] == UInt8(ascii: "-") }),
      [13, 16].allSatisfy({ text[$0] == UInt8(ascii: ":") }),
      text[10] | 0x20 == UInt8(ascii: "t"),
      let year = number(text[0..<4]), let month = number(text[5..<7], in: 1...12),
      let day = number(text[8..<10]), day >= 1, day <= dayCount(year, month),
      let hour = number(text[11..<13], in: 0...23), let minute = number(text[14..<16], in: 0...59),
      let second = number(text[17..<19], in: 0...60)
    else { return nil }
    var rest = text[19...]
    var fraction = 0.0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { (48...57).contains($0) }
      guard !digits.isEmpty else { return nil }
      fraction = digits.reversed().reduce(0) { ($0 + Double($1 - 48)) / 10 }
      rest = rest.dropFirst(1 + digits.count)
    }
    guard let offset = offsetSeconds(rest) else { return nil }
    let clock = (hour * 60 + minute) * 60 + second
    return Double(dayNumber(year, month, day) * 86_400 + clock - offset) + fraction
  }

  /// `Z`, or hours and minutes east of Greenwich.
  private static func offsetSeconds(_ text: ArraySlice<UInt8>) -> Int? {
    let text = Array(text)
    if text.count == 1, text[0] | 0x20 == UInt8(ascii: "z") { return 0 }
    guard text.count == 6, text[3] == UInt8(ascii: ":"),
      text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-"),
      let hour = number(text[1..<3], in: 0...23), let minute = number(text[4..<6], in: 0...59)
    else { return nil }
    return (hour * 60 + minute) * (text[0] == UInt8(ascii: "-") ? -60 : 60)
  }

  private static func number(
    _ digits: ArraySlice<UInt8>, in range: ClosedRange<Int> = 0...9999
  ) -> Int? {
    guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    let number = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    return range.contains(number) ? number : nil
  }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func dayCount(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970 in the Gregorian calendar; the year is 0...9999.
  private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let before = year - 1
    let leapDays = year == 0 ? 0 : before / 4 - before / 100 + before / 400 + 1
    let inYear = (1..<month).reduce(0) { $0 + dayCount(year, $1) }
    return year * 365 + leapDays + inYear + day - 1 - 719_528
  }
}
