import DNSWire

/// The address of an API server: scheme, host, port and the path that all requests begin with.
package struct APIServerAddress: Hashable, Sendable {
  /// Whether it is HTTPS.
  package let isSecure: Bool
  /// A name or an IP address, without brackets.
  package let host: String
  /// The port.
  package let port: UInt16
  /// What stands before the path of every request: empty, or `/a/b`.
  package let pathPrefix: String
  /// Host and port as they were written, the port only if it was; the label of metrics.
  package let authority: String

  /// The longest address that is read, in octets.
  package static let octetCountMax = 2_048

  /// An address without a path, over HTTPS.
  package init(secureHost host: String, port: UInt16) {
    isSecure = true
    self.host = host
    self.port = port
    pathPrefix = ""
    authority = "\(Self.bracketed(host)):\(port)"
  }

  /// Reads `https://10.96.0.1:443/prefix`. Without a scheme, `isSecureByDefault` decides.
  package init(parsing text: String, isSecureByDefault: Bool) throws(AddressProblem) {
    let shown = ManifestText.quoted(text)
    guard text.utf8.count <= Self.octetCountMax,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
    else { throw AddressProblem("\(shown) is not a URL") }
    let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    var rest = text[...]
    if parts.count > 2, parts[0].hasSuffix(":"), parts[1].isEmpty {
      switch parts[0].lowercased() {
      case "https:": isSecure = true
      case "http:": isSecure = false
      default: throw AddressProblem("\(shown) is neither an https nor an http URL")
      }
      rest = text.dropFirst(parts[0].count + 2)
    } else {
      isSecure = isSecureByDefault
    }
    guard !rest.contains(where: { "?#@".contains($0) }) else {
      throw AddressProblem("\(shown) has more than a host, a port and a path")
    }
    let authority = rest.prefix { $0 != "/" }
    var path = rest.dropFirst(authority.count)
    while path.last == "/" { path = path.dropLast() }
    guard !path.contains("//"), !path.split(separator: "/").contains(where: Self.isDots) else {
      throw AddressProblem("the path of \(shown) is not a plain one")
    }
    guard let (host, port) = Self.hostAndPort(authority) else {
      throw AddressProblem("\(shown) has no host, or a host or a port that is none")
    }
    self.host = host
    self.port = port ?? (isSecure ? 443 : 80)
    self.authority = String(authority)
    pathPrefix = String(path)
  }

  /// The scheme, as it stands in a URL.
  package var scheme: String { isSecure ? "https" : "http" }

  /// The address as a URL.
  package var url: String { "\(scheme)://\(Self.bracketed(host)):\(port)\(pathPrefix)" }

  private static func isDots(_ component: Substring) -> Bool {
    component == "." || component == ".."
  }

  private static func bracketed(_ host: String) -> String {
    host.contains(":") ? "[\(host)]" : host
  }

  private static func hostAndPort(_ text: Substring) -> (host: String, port: UInt16?)? {
    var host = text
    var portText: Substring?
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      host = text[text.index(after: text.startIndex)..<end]
      guard IPAddress(text: String(host))?.family == .v6 else { return nil }
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      portText = rest.isEmpty ? nil : rest.dropFirst()
    } else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard let first = parts.first, parts.count <= 2, isHost(first) else { return nil }
      host = first
      portText = parts.count == 2 ? parts[1] : nil
    }
    guard let portText else { return (String(host), nil) }
    guard portText.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(portText), port > 0
    else { return nil }
    return (String(host), port)
  }

  /// Whether this is a host name or an IPv4 address.
  static func isHost(_ text: Substring) -> Bool {
    (1...253).contains(text.utf8.count)
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
  }
}

/// Why text is no address of an API server.
package struct AddressProblem: Error, Hashable, Sendable {
  /// What is wrong.
  package let message: String

  /// A problem in words for people.
  init(_ message: String) { self.message = message }
}
