import DNSWire
import Plugins
import Server
import Sockets

/// Who asks most, and for what, as text and as JSON.
struct TopPage {
  /// Rows of each list.
  private static let rowCountMax = 50

  /// One row: a key, and bounds of how often it came.
  private struct Row {
    let key: String
    /// Queries, estimated from the sample.
    let count: UInt64
    /// By how much the sketch may have counted too many.
    let error: UInt64
    /// Two standard deviations of the sample, either way.
    let noise: UInt64
  }

  private let lists: [(title: String, member: String, total: UInt64, rows: [Row])]
  private let since: String

  /// What `reading` says.
  init(reading: TopReading) {
    let interval = TopReading.sampleInterval
    func rows(_ sketch: SketchReading, _ text: ([UInt8]) -> String) -> [Row] {
      sketch.entries.prefix(Self.rowCountMax).map { entry in
        Row(
          key: text(entry.key), count: entry.count &* interval, error: entry.error &* interval,
          noise: UInt64(2 * Double(entry.count).squareRoot() * Double(interval)))
      }
    }
    let all: [(String, String, SketchReading, ([UInt8]) -> String)] = [
      ("clients", "clients", reading.clients, Self.address),
      (
        "namespaces of the names asked", "namespaces", reading.namespaces,
        { DomainName.presentation($0) }
      ),
      (
        "names that do not exist", "nxdomain", reading.deniedNames,
        { DomainName(wire: $0)?.description ?? "." }
      ),
    ]
    lists = all.map { title, member, sketch, text in
      (title, member, sketch.total &* interval, rows(sketch, text))
    }
    let age = (monotonicNanoseconds() &- reading.since) / 1_000_000
    let now = wallMilliseconds()
    since = WallTime.text(milliseconds: now &- min(age, now))
  }

  /// The page.
  func reply(isJSON: Bool) -> PageReply { PageReply(isJSON ? json : text, isJSON: isJSON) }

  /// A family and sixteen octets.
  private static func address(_ key: [UInt8]) -> String {
    guard key.count == 17 else { return "-" }
    func half(_ start: Int) -> UInt64 { key[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    return key[0] == IPAddress.Family.v4.rawValue
      ? "\(IPAddress(v4: UInt32(truncatingIfNeeded: half(1) >> 32)))"
      : "\(IPAddress(v6High: half(1), low: half(9)))"
  }

  private var text: String {
    var lines = [
      "since \(since); one query of \(TopReading.sampleInterval) is counted",
      "queries, of which up to so many too many, give or take:",
    ]
    for list in lists {
      lines += ["", "\(list.title), of about \(list.total) queries:"]
      lines += list.rows.map { row in
        "\(Self.right(row.count)) \(Self.right(row.error)) \(Self.right(row.noise))  \(row.key)"
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func right(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: " ", count: max(0, 12 - digits.count)) + digits
  }

  private var json: String {
    let members = lists.map { list in
      let rows = list.rows.map { row in
        JSONText.object([
          ("key", JSONText.string(row.key)), ("count", "\(row.count)"),
          ("error", "\(row.error)"), ("noise", "\(row.noise)"),
        ])
      }
      return (
        name: list.member,
        value: JSONText.object([
          ("total", "\(list.total)"), ("entries", "[\(rows.joined(separator: ","))]"),
        ])
      )
    }
    return JSONText.object(
      [
        ("since", JSONText.string(since)), ("sampleInterval", "\(TopReading.sampleInterval)"),
      ] + members)
  }
}
