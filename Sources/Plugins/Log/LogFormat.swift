import DNSWire
import PluginChain

/// A log format, taken apart once: text and placeholders in order.
struct LogFormat: Sendable {
  /// CoreDNS's `{common}`.
  static let common =
    "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" "
    + "{rcode} {>rflags} {rsize} {duration}"
  /// CoreDNS's `{combined}`.
  static let combined = common + " \"{>opcode}\""
  /// Every placeholder there is.
  static let placeholders = [
    "{type}", "{name}", "{class}", "{proto}", "{remote}", "{local}", "{size}", "{port}",
    "{duration}", "{rcode}", "{rsize}", "{>rflags}", "{>bufsize}", "{>do}", "{>id}", "{>opcode}",
  ]

  private enum Piece {
    case text(String)
    case placeholder(String)
  }

  private let pieces: [Piece]

  /// Words in braces that are no placeholders; they are text.
  private(set) var unknownWords: [String] = []

  /// Takes `text` apart as CoreDNS does: a placeholder is what stands between a closing brace and
  /// the nearest opening one before it, so that JSON may stand around placeholders. Metadata
  /// (`{/...}`) is not there and prints `-`.
  init(_ text: String) {
    var expanded = text
    for (short, long) in [("{common}", Self.common), ("{combined}", Self.combined)] {
      expanded = expanded.split(separator: short, omittingEmptySubsequences: false)
        .joined(separator: long)
    }
    var pieces: [Piece] = []
    var rest = expanded[...]
    while let close = rest.firstIndex(of: "}") {
      let behind = rest.index(after: close)
      let open = rest[..<close].lastIndex(of: "{")
      let word = open.map { String(rest[$0..<behind]) } ?? ""
      if let open, Self.placeholders.contains(word) || word.hasPrefix("{/") {
        if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
        pieces.append(.placeholder(word))
      } else {
        pieces.append(.text(String(rest[..<behind])))
        if !word.isEmpty { unknownWords.append(word) }
      }
      rest = rest[behind...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    self.pieces = pieces
  }

  /// The line for a finished exchange; `now` is the monotonic clock in nanoseconds.
  func line(_ exchange: borrowing Exchange, now: UInt64) -> String {
    var line = ""
    for piece in pieces {
      switch piece {
      case .text(let text): line += text
      case .placeholder(let name): line += Self.value(name, exchange, now)
      }
    }
    return line
  }

  private static func value(
    _ name: String, _ exchange: borrowing Exchange, _ now: UInt64
  ) -> String {
    switch name {
    case "{type}": exchange.type.description
    case "{name}": exchange.name.domainName?.description ?? "."
    case "{class}": exchange.classCode.description
    case "{proto}": exchange.transport == .udp ? "udp" : "tcp"
    case "{remote}": address(exchange.client)
    case "{local}": address(exchange.server)
    case "{port}": String(exchange.client.port)
    case "{size}": String(exchange.queryOctetCount)
    case "{rsize}": String(exchange.replyOctetCount)
    case "{rcode}": exchange.reply.responseCode.description
    case "{>rflags}": flags(exchange)
    case "{>bufsize}": String(max(exchange.edns?.requestorPayloadSize ?? 512, 512))
    case "{>do}": exchange.edns?.dnssecOK ?? false ? "true" : "false"
    case "{>id}": String(exchange.header.id)
    case "{>opcode}": String(exchange.header.opcode)
    case "{duration}": duration(now &- exchange.startNanoseconds)
    default: "-"
    }
  }

  private static func address(_ peer: TransportAddress) -> String {
    peer.address.family == .v4 ? peer.address.description : "[\(peer.address)]"
  }

  private static func flags(_ exchange: borrowing Exchange) -> String {
    var names = ["qr"]
    if exchange.reply.isAuthoritative { names.append("aa") }
    if exchange.reply.isTruncated { names.append("tc") }
    if exchange.header.flags & HeaderFlag.recursionDesired != 0 { names.append("rd") }
    if exchange.reply.recursionAvailable { names.append("ra") }
    if exchange.reply.isAuthentic { names.append("ad") }
    if exchange.header.flags & HeaderFlag.checkingDisabled != 0 { names.append("cd") }
    return names.joined(separator: ",")
  }

  /// Seconds with nine digits and the unit, without trailing zeros.
  private static func duration(_ nanoseconds: UInt64) -> String {
    let fraction = String(nanoseconds % 1_000_000_000)
    var digits = String(repeating: "0", count: 9 - fraction.count) + fraction
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    return "\(nanoseconds / 1_000_000_000).\(digits)s"
  }
}
