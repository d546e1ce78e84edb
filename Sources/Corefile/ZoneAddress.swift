/// How queries reach a server block.
package enum TransportScheme: String, Sendable, CaseIterable {
  /// UDP and TCP (RFC 1035 §4.2); the default.
  case dns
  /// DNS over TLS (RFC 7858).
  case tls
  /// DNS over HTTPS (RFC 8484).
  case https
  /// DNS over HTTPS with HTTP/3.
  case https3
  /// DNS over gRPC.
  case grpc
  /// DNS over QUIC (RFC 9250).
  case quic
}

/// A zone that a server block answers for, and where: `[scheme://]zone[:port]` of a key.
package struct ZoneAddress: Sendable, Hashable {
  /// How queries arrive; everything but `.dns` is reported as not built yet.
  package var scheme: TransportScheme
  /// The zone: absolute, lower case, with a trailing dot (`cluster.local.`, `.`).
  package var zone: String
  /// The port, 1...65535; `nil` means the default port.
  package var port: UInt16?
  /// Where the key is.
  package var position: SourcePosition

  /// A zone address; `zone` must be as `normalizedZone` gives it.
  package init(
    scheme: TransportScheme = .dns, zone: String, port: UInt16? = nil, position: SourcePosition
  ) {
    self.scheme = scheme
    self.zone = zone
    self.port = port
    self.position = position
  }

  /// What two keys of one server block must not have in common.
  struct Place: Hashable {
    var scheme: TransportScheme
    var zone: String
    var port: UInt16?
  }

  /// This address without its position.
  var place: Place { Place(scheme: scheme, zone: zone, port: port) }
}

// MARK: - Keys

extension ZoneAddress {
  /// The addresses of a key (several for a CIDR); empty when it is in error, which `log` is told.
  static func parse(key: Token, log: inout DiagnosticLog) -> [ZoneAddress] {
    var rest = key.text[...]
    var scheme = TransportScheme.dns
    if let mark = rest.firstIndex(of: ":"), rest[mark...].hasPrefix("://") {
      let name = rest[..<mark].lowercased()
      rest = rest[mark...].dropFirst("://".count)
      guard let known = TransportScheme(rawValue: name) else {
        log.error(
          at: key.position,
          "found the scheme \(quotedForMessage(name + "://")), expected dns:// or none")
        return []
      }
      scheme = known
      if known != .dns {
        log.error(
          at: key.position, "\(name):// is not built yet, expected dns:// or no scheme")
      }
    }
    do throws(ZoneProblem) {
      let (zoneText, port) = try splitPort(rest)
      if IPPrefix.octets(of: zoneText) != nil {
        log.warning(
          at: key.position,
          "\(quotedForMessage(zoneText)) is served as a domain name; to listen on an address use "
            + "the bind plugin, for a reverse zone write a prefix length as in 10.0.0.0/24")
      }
      return try normalizedZone(String(zoneText)).get().map {
        ZoneAddress(scheme: scheme, zone: $0, port: port, position: key.position)
      }
    } catch {
      log.error(at: key.position, error.description)
      return []
    }
  }

  /// Divides `zone[:port]`; the colons of an IPv6 prefix (`2001:db8::/32:53`) are no port's.
  private static func splitPort(
    _ text: Substring
  ) throws(ZoneProblem) -> (zone: Substring, port: UInt16?) {
    let found = "found \(quotedForMessage(text))"
    if text.hasPrefix("[") {
      throw ZoneProblem(
        "\(found), expected a zone: a listen address belongs to the bind plugin, "
          + "an IPv6 reverse zone is written 2001:db8::/32:53")
    }
    guard let colon = text.lastIndex(of: ":") else { return (text, nil) }
    let zone = text[..<colon]
    let digits = text[colon...].dropFirst()
    if IPPrefix.isAddressV6(text) { throw ZoneProblem.bareAddressV6(text) }
    // The last colon of `2001:db8::/32` is inside the prefix.
    if digits.contains("/") { return (text, nil) }
    guard !zone.isEmpty else {
      throw ZoneProblem("\(found), expected a zone before the port: \".\(text)\" is all names")
    }
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isNumber, let port = UInt16(digits), port > 0 else {
      throw ZoneProblem(
        "found \(quotedForMessage(digits)) after ':', expected a port from 1 to 65535")
    }
    return (zone, port)
  }
}
