import DNSWire
import PluginChain
import Plugins
import Server

/// The last replies that were failures, as text and as JSON. Whatever stood in names and texts,
/// both are printable ASCII.
struct FailuresPage {
  /// Newest first.
  let records: [FailureRecord]

  /// The page.
  func reply(isJSON: Bool) -> PageReply { PageReply(isJSON ? json : text, isJSON: isJSON) }

  private var text: String {
    if records.isEmpty { return "no failures" }
    let lines = records.map { record in
      let client = Self.text(record.client)
      let words = [
        WallTime.text(milliseconds: record.milliseconds), client, Self.transport(record),
        "\(record.question)", "\(record.type)", Self.code(record),
        record.plugin.isEmpty ? "-" : record.plugin,
      ]
      let error = record.errorCode.map { " \($0): \(printableText(record.errorText))" } ?? ""
      return words.joined(separator: " ") + error
    }
    return lines.joined(separator: "\n")
  }

  private var json: String {
    let failures = records.map { record in
      let error = record.errorCode.map { code in
        JSONText.object([
          ("code", "\(code)"), ("text", JSONText.string(printableText(record.errorText))),
        ])
      }
      return JSONText.object([
        ("time", JSONText.string(WallTime.text(milliseconds: record.milliseconds))),
        ("client", JSONText.string(record.client.address.description)),
        ("port", "\(record.client.port)"),
        ("protocol", JSONText.string(Self.transport(record))),
        ("name", JSONText.string("\(record.question)")),
        ("type", JSONText.string("\(record.type)")), ("code", JSONText.string(Self.code(record))),
        ("plugin", JSONText.string(record.plugin)), ("error", error ?? "null"),
      ])
    }
    return JSONText.object([("failures", "[\(failures.joined(separator: ","))]")])
  }

  private static func code(_ record: FailureRecord) -> String {
    record.code == .noError ? "NODATA" : "\(record.code)"
  }

  private static func transport(_ record: FailureRecord) -> String {
    record.transport == .udp ? "udp" : "tcp"
  }

  private static func text(_ client: TransportAddress) -> String {
    client.address.family == .v6
      ? "[\(client.address)]:\(client.port)" : "\(client.address):\(client.port)"
  }
}
