import Corefile
import DNSWire
import Sockets

/// A host and perhaps a port and a suffix, as `forward` takes them: `192.0.2.1`, `192.0.2.1:53`,
/// `2001:db8::1`, `[2001:db8::1]:53`, `dns.example:53`. The suffix, `%NAME`, stands behind the host
/// or at the end: `192.0.2.1%dns.example:853`, `192.0.2.1:853%dns.example`, `[fe80::1%eth0]:53`.
struct EndpointText {
  /// What stands for the host, without brackets, port and suffix.
  let host: String
  /// The port; `nil` without one.
  let port: UInt16?
  /// What stands behind `%`; `nil` without one.
  let suffix: String?
  /// The address that the host is; `nil` when it is none. An IPv4 address in IPv6 form is IPv4.
  let address: IPAddress?

  /// Divides `text`, which is `token` or a part of it; errors are at `token`.
  init(_ text: Substring, at token: Token) throws(Diagnostic) {
    var head = text
    var tail: Substring?
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let inside = text[..<end].dropFirst()
      let behind = text[end...].dropFirst()
      guard behind.isEmpty || behind.hasPrefix(":") || behind.hasPrefix("%") else {
        throw token.error("found \(quotedForMessage(text)), expected [ADDRESS]:PORT")
      }
      (head, tail) = Self.cut(inside)
      guard let address = IPAddress(text: head), address.family == .v6 else {
        throw token.error(
          "found \(quotedForMessage(head)) in brackets, expected an IPv6 address")
      }
      let (outside, suffix) = Self.cut(behind)
      guard tail == nil || suffix == nil else { throw Self.twice("%", token) }
      self.address = address.unmapped
      host = String(head)
      (port, self.suffix) = try Self.rest(outside, tail ?? suffix, token)
      return
    }
    (head, tail) = Self.cut(text)
    if let address = IPAddress(text: head) {
      self.address = address.unmapped
      host = String(head)
      (port, suffix) = try Self.rest("", tail, token)
      return
    }
    guard head.filter({ $0 == ":" }).count <= 1 else {
      throw token.error(
        "found \(quotedForMessage(text)), expected an IPv6 address; with a port it is "
          + "[ADDRESS]:PORT")
    }
    let name = head.prefix { $0 != ":" }
    address = IPAddress(text: name)
    host = String(name)
    (port, suffix) = try Self.rest(head[name.endIndex...], tail, token)
  }

  /// What is before and behind the last `%`.
  private static func cut(_ text: Substring) -> (Substring, Substring?) {
    guard let mark = text.lastIndex(of: "%") else { return (text, nil) }
    return (text[..<mark], text[mark...].dropFirst())
  }

  private static func twice(_ what: String, _ token: Token) -> Diagnostic {
    token.error("found \(quotedForMessage(token.text)), expected one \(what) at most")
  }

  /// The port and the suffix; the port may stand behind either, with its colon.
  private static func rest(
    _ portText: Substring, _ tail: Substring?, _ token: Token
  ) throws(Diagnostic) -> (UInt16?, String?) {
    let port = try self.port(portText, token)
    guard let tail else { return (port, nil) }
    let name = tail.prefix { $0 != ":" }
    guard !name.isEmpty else {
      throw token.error("found nothing after '%' in \(quotedForMessage(token.text))")
    }
    let second = try self.port(tail[name.endIndex...], token)
    guard port == nil || second == nil else { throw twice("port", token) }
    return (port ?? second, String(name))
  }

  /// The port of `:PORT`; `nil` for an empty text.
  private static func port(_ text: Substring, _ token: Token) throws(Diagnostic) -> UInt16? {
    guard text.hasPrefix(":") else { return nil }
    let digits = text.dropFirst()
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isNumber, let port = UInt16(digits), port > 0 else {
      throw token.error(
        "found \(quotedForMessage(digits)) after ':', expected a port from 1 to 65535")
    }
    return port
  }
}

// MARK: - Addresses

extension IPAddress {
  /// An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) as IPv4; any other as it is.
  var unmapped: IPAddress {
    guard family == .v6, high == 0, low >> 32 == 0xFFFF else { return self }
    return IPAddress(v4: UInt32(truncatingIfNeeded: low))
  }
}

extension SocketAddress {
  /// An address with a port.
  init(_ address: IPAddress, port: UInt16, scope: UInt32 = 0) {
    self.init(
      isV6: address.family == .v6, high: address.high, low: address.low, port: port, scope: scope)
  }

  /// The address alone.
  var host: IPAddress {
    isV6
      ? IPAddress(v6High: high, low: low) : IPAddress(v4: UInt32(truncatingIfNeeded: high >> 32))
  }

  /// `192.0.2.1:53`, `[2001:db8::1]:53`, `[fe80::1%2]:53`.
  package var text: String {
    guard isV6 else { return "\(host):\(port)" }
    return "[\(host)\(scope == 0 ? "" : "%\(scope)")]:\(port)"
  }

  /// The number of the interface that `text` names, by number or name; `nil` when there is none.
  static func scope(_ text: String) -> UInt32? {
    if let number = UInt32(text), number > 0 { return number }
    return InterfaceAddress.all().first { $0.interface == text && $0.address.scope != 0 }?
      .address.scope
  }
}
