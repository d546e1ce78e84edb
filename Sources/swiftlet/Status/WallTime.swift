/// Times as people and programs read them.
enum WallTime {
  /// `2026-01-31T23:59:59.999Z` (RFC 3339) of milliseconds since 1970, up to the year 9999.
  static func text(milliseconds: UInt64) -> String {
    let time = min(milliseconds, millisecondsMax)
    let (year, month, day) = date(days: time / 86_400_000)
    let seconds = time / 1_000 % 86_400
    let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
      + "\(clock.joined(separator: ":")).\(padded(time % 1_000, 3))Z"
  }

  /// The end of the year 9999.
  private static let millisecondsMax: UInt64 = 253_402_300_799_999

  private static func padded(_ number: UInt64, _ digitCount: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
  }

  /// The date so many days after 1970-01-01. Years are counted from March, so that a leap day is
  /// the last of its year, and in spans of 400 years, which all have 146,097 days.
  private static func date(days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
    let sinceYear0 = days + 719_468
    let span = sinceYear0 / 146_097
    let dayOfSpan = sinceYear0 % 146_097
    let yearOfSpan =
      (dayOfSpan - dayOfSpan / 1_460 + dayOfSpan / 36_524 - dayOfSpan / 146_096) / 365
    let dayOfYear = dayOfSpan - (365 * yearOfSpan + yearOfSpan / 4 - yearOfSpan / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (span * 400 + yearOfSpan + (month <= 2 ? 1 : 0), month, day)
  }
}
