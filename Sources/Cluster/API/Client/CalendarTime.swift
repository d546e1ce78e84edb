/// Dates as text, as seconds since 1970 (UTC).
package enum CalendarTime {
  /// `2026-11-23T15:16:23.5+01:00` (RFC 3339), fractions left out; `nil` when it is none.
  package static func seconds(timestamp text: String) -> Int64? {
    let octets = Array(text.utf8)
    let marks: [Int: UInt8] = [4: 0x2D, 7: 0x2D, 13: 0x3A, 16: 0x3A]
    guard octets.count >= 20, marks.allSatisfy({ octets[$0.key] == $0.value }),
      octets[10] | 0x20 == UInt8(ascii: "t"),
      let year = number(octets[0..<4]), let month = number(octets[5..<7]),
      let day = number(octets[8..<10]),
      let time = secondOfDay(octets[11..<13], octets[14..<16], octets[17..<19]),
      let days = days(year: year, month: month, day: day)
    else { return nil }
    var rest = octets[19...]
    if rest.first == UInt8(ascii: ".") {
      let digitCount = rest.dropFirst().prefix { digit($0) != nil }.count
      guard digitCount > 0 else { return nil }
      rest = rest.dropFirst(1 + digitCount)
    }
    guard let offset = offset(Array(rest)) else { return nil }
    return days * 86_400 + time - offset
  }

  /// `Mon, 23 Nov 2026 15:16:23 GMT` (RFC 9110 section 5.6.7); `nil` when it is none.
  package static func seconds(httpDate text: String) -> Int64? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
      let day = number(words[1].utf8), let year = number(words[3].utf8),
      let month = months.firstIndex(of: String(words[2]))
    else { return nil }
    let clock = words[4].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3,
      let time = secondOfDay(clock[0].utf8, clock[1].utf8, clock[2].utf8),
      let days = days(year: year, month: Int64(month) + 1, day: day)
    else { return nil }
    return days * 86_400 + time
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Days since 1970-01-01 in the Gregorian calendar.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64? {
    guard (1970...9999).contains(year), (1...12).contains(month) else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...lengths[Int(month) - 1]).contains(day) else { return nil }
    let before = year - 1
    let leapDays = before / 4 - before / 100 + before / 400 - 477
    return (year - 1970) * 365 + leapDays + lengths.prefix(Int(month) - 1).reduce(0, +) + day - 1
  }

  /// Seconds since midnight; a leap second counts as the one before it.
  private static func secondOfDay(
    _ hour: some Collection<UInt8>, _ minute: some Collection<UInt8>,
    _ second: some Collection<UInt8>
  ) -> Int64? {
    guard let hour = number(hour), let minute = number(minute), let second = number(second),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    return hour * 3_600 + minute * 60 + min(second, 59)
  }

  /// `Z` or `+01:00`, in seconds.
  private static func offset(_ octets: [UInt8]) -> Int64? {
    if octets.count == 1 { return octets[0] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
    guard octets.count == 6, octets[3] == UInt8(ascii: ":"),
      let hours = number(octets[1..<3]), let minutes = number(octets[4..<6]), hours < 24,
      minutes < 60
    else { return nil }
    let seconds = hours * 3_600 + minutes * 60
    switch octets[0] {
    case UInt8(ascii: "+"): return seconds
    case UInt8(ascii: "-"): return -seconds
    default: return nil
    }
  }

  /// A number of one to four decimal digits.
  private static func number(_ digits: some Collection<UInt8>) -> Int64? {
    guard (1...4).contains(digits.count) else { return nil }
    var value: Int64 = 0
    for octet in digits {
      guard let digit = digit(octet) else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  private static func digit(_ octet: UInt8) -> Int64? {
    (0x30...0x39).contains(octet) ? Int64(octet) - 0x30 : nil
  }
}
