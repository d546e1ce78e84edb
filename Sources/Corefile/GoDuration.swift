/// Durations as Go writes them: `5s`, `1m30s`, `500ms`, `1.5h`, `0`.
package enum GoDuration {
  /// The duration that `text` is, or `nil`: numbers with units, each perhaps with a fraction, a
  /// sign before all; at most what fits 64 bits of nanoseconds (292 years).
  package static func parse(_ text: String) -> Duration? {
    var rest = text.utf8[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    if rest.elementsEqual("0".utf8) { return .zero }
    guard !rest.isEmpty else { return nil }
    var total: Int64 = 0
    while !rest.isEmpty {
      guard let part = nanoseconds(&rest) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { return nil }
      total = sum
    }
    return .nanoseconds(isNegative ? -total : total)
  }

  /// One number and its unit, taken off `rest`.
  private static func nanoseconds(_ rest: inout Substring.UTF8View) -> Int64? {
    let whole = digits(&rest)
    var fraction = ""[...].utf8
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      fraction = digits(&rest)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return nil }
    let name = rest.prefix { $0 != UInt8(ascii: ".") && !isDigit($0) }
    rest = rest[name.endIndex...]
    guard let unit = unitNanoseconds(name),
      let count = whole.isEmpty ? 0 : Int64(Substring(whole))
    else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    // Digits beyond the eighteenth are less than a nanosecond of any unit.
    var part: Int128 = 0
    var scale: Int128 = 1
    for digit in fraction.prefix(18) {
      part = part * 10 + Int128(digit - 0x30)
      scale *= 10
    }
    guard let extra = Int64(exactly: part * Int128(unit) / scale) else { return nil }
    let (sum, isTooLong) = product.addingReportingOverflow(extra)
    return isTooLong ? nil : sum
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func digits(_ rest: inout Substring.UTF8View) -> Substring.UTF8View {
    let digits = rest.prefix(while: isDigit)
    rest = rest[digits.endIndex...]
    return digits
  }

  private static func unitNanoseconds(_ name: Substring.UTF8View) -> Int64? {
    switch String(Substring(name)) {
    case "ns": 1
    // Both letters that look like a mu.
    case "us", "\u{B5}s", "\u{3BC}s": 1_000
    case "ms": 1_000_000
    case "s": 1_000_000_000
    case "m": 60_000_000_000
    case "h": 3_600_000_000_000
    default: nil
    }
  }

  /// `duration` for a message: `1h30m`, `5s`, `250ms`, `0s`; parts below a nanosecond are left out.
  package static func text(_ duration: Duration) -> String {
    var (seconds, attoseconds) = duration.components
    guard seconds != .min else { return "\(duration)" }
    let sign = seconds < 0 || attoseconds < 0 ? "-" : ""
    (seconds, attoseconds) = (abs(seconds), abs(attoseconds))
    var parts = ""
    if seconds >= 3600 { parts += "\(seconds / 3600)h" }
    if seconds % 3600 >= 60 { parts += "\(seconds % 3600 / 60)m" }
    if seconds % 60 > 0 { parts += "\(seconds % 60)s" }
    let nanoseconds = attoseconds / 1_000_000_000
    if nanoseconds > 0 {
      if nanoseconds % 1_000_000 == 0 {
        parts += "\(nanoseconds / 1_000_000)ms"
      } else if nanoseconds % 1_000 == 0 {
        parts += "\(nanoseconds / 1_000)us"
      } else {
        parts += "\(nanoseconds)ns"
      }
    }
    return parts.isEmpty ? "0s" : sign + parts
  }
}
