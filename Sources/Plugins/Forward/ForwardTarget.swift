import Corefile
import DNSWire
import Files
import Sockets
import Upstreams

/// One TO of `forward`: an upstream, or where upstreams come from.
package struct ForwardTarget: Hashable, Sendable {
  /// Where the target's addresses come from.
  package enum Place: Hashable, Sendable {
    /// The address is the target.
    case address(SocketAddress)
    /// The addresses of a host, with this port.
    case host(DomainName, port: UInt16)
    /// The name servers that a file in the format of resolv.conf(5) names.
    case file(String)
  }

  /// The word in the Corefile.
  package let token: Token
  /// Where its addresses come from.
  package let place: Place
  /// Plain DNS or TLS.
  package let transport: Upstream.Transport

  /// The port of plain DNS.
  static let plainPort: UInt16 = 53
  /// The port of DNS over TLS (RFC 7858 §3.1).
  static let tlsPort: UInt16 = 853

  /// Reads a TO; `serverName` is `tls_servername`'s, for targets with `tls://`.
  init(_ token: Token, serverName: Token?) throws(Diagnostic) {
    self.token = token
    let (scheme, rest) = try Self.scheme(token)
    guard !rest.isEmpty else {
      throw token.error(
        "found \(quotedForMessage(token.text)), expected an address, a host name or the path of a "
          + "file")
    }
    if Self.isFile(rest) {
      guard scheme == .dns else {
        throw token.error(
          "found \(quotedForMessage(token.text)), but the servers of a file are asked with plain "
            + "DNS: expected no tls:// before its path")
      }
      place = .file(String(rest))
      transport = .plain
      return
    }
    let endpoint = try EndpointText(rest, at: token)
    let defaultPort = scheme == .tls ? Self.tlsPort : Self.plainPort
    let port = endpoint.port ?? defaultPort
    if let address = endpoint.address {
      var scope: UInt32 = 0
      if scheme == .dns, let suffix = endpoint.suffix {
        scope = try Self.scope(suffix, of: address, token)
      }
      place = .address(SocketAddress(address, port: port, scope: scope))
    } else {
      guard scheme == .tls || endpoint.suffix == nil else { throw Self.noServerName(token) }
      place = .host(try Self.hostName(endpoint.host, token), port: port)
    }
    guard scheme == .tls else {
      transport = .plain
      return
    }
    if endpoint.suffix != nil, let serverName {
      throw token.error(
        "found a server name in \(quotedForMessage(token.text)) besides tls_servername at "
          + "\(serverName.position), expected one of them")
    }
    var name = serverName?.text ?? endpoint.suffix
    if endpoint.address == nil { name = name ?? endpoint.host }
    transport = .tls(
      serverName: try name.map { text throws(Diagnostic) in
        try Self.serverName(text, token)
      })
  }

  // MARK: - Parts

  private static func scheme(
    _ token: Token
  ) throws(Diagnostic) -> (scheme: TransportScheme, rest: Substring) {
    guard let range = token.text.firstRange(of: "://") else { return (.dns, token.text[...]) }
    let name = token.text[..<range.lowerBound].lowercased()
    let rest = token.text[range.upperBound...]
    switch name {
    case "dns": return (.dns, rest)
    case "tls": return (.tls, rest)
    case "https":
      throw token.error(
        "found \(quotedForMessage(token.text)), but DNS over HTTPS to upstreams is not built yet: "
          + "expected tls://, dns:// or no scheme")
    default:
      throw token.error(
        "found the scheme \(quotedForMessage(name + "://")), expected dns://, tls:// or none")
    }
  }

  /// Whether the text names a file: it has a slash, or there is such a file and it is no address.
  private static func isFile(_ text: Substring) -> Bool {
    if let slash = text.lastIndex(of: "/") { return IPAddress(text: text[..<slash]) == nil }
    if IPAddress(text: text) != nil { return false }
    if case .file = PosixFile.status(String(text)) { return true }
    return false
  }

  /// The interface that `%` names; only IPv6 addresses have one.
  static func scope(
    _ text: String, of address: IPAddress, _ token: Token
  ) throws(Diagnostic) -> UInt32 {
    guard address.family == .v6 else { throw noServerName(token) }
    guard let scope = SocketAddress.scope(text) else {
      throw token.error(
        "found \(quotedForMessage(text)) after '%', expected an interface with a link-local "
          + "address; a server name needs tls://")
    }
    return scope
  }

  private static func noServerName(_ token: Token) -> Diagnostic {
    token.error(
      "found '%' in \(quotedForMessage(token.text)), but only tls:// takes a server name")
  }

  /// A host's name, always absolute.
  private static func hostName(_ text: String, _ token: Token) throws(Diagnostic) -> DomainName {
    let isName = text.utf8.allSatisfy(isHostOctet)
    // Of a name that ends in a number somebody meant an address.
    let top = text.split(separator: ".").last ?? ""
    let isNumber = top.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isName, !isNumber, let name = DomainName(text: text), name != .root else {
      throw token.error(
        "found \(quotedForMessage(text)), expected an address, a host name or the path of a file")
    }
    return name.lowercased
  }

  /// A name that a certificate can bear, without a final dot.
  static func serverName(_ text: String, _ token: Token) throws(Diagnostic) -> String {
    let name = text.hasSuffix(".") ? String(text.dropLast()) : text
    guard IPAddress(text: name) == nil, name.utf8.allSatisfy(isHostOctet),
      let parsed = DomainName(text: name), parsed != .root
    else {
      throw token.error(
        "found \(quotedForMessage(text)), expected the host name in the server's certificate")
    }
    return name.lowercased()
  }

  private static func isHostOctet(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
}
