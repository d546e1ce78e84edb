import Corefile
import DNSWire
import PluginChain

/// Where the status pages are: an IP address and a port.
struct StatusAddress: Sendable, CustomStringConvertible {
  /// The address as text, without brackets.
  let host: String
  /// 1 to 65,535.
  let port: Int

  /// The port behind that of the metrics, 9153, which clusters keep free for DNS.
  private static let usualPort = 9_154

  /// Loopback alone: what clients ask for is nobody else's business.
  static let usual = StatusAddress(host: "127.0.0.1", port: usualPort)

  private init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `127.0.0.1:9154`, `[::1]:9154` or `localhost:9154`. Without a host it would be anybody's
  /// guess whether loopback or every address is meant.
  init(text: String) throws(StartError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let digits = parts.last ?? ""
    var host = parts.dropLast().joined(separator: ":")
    if host == "localhost" { host = Self.usual.host }
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = String(host.dropFirst().dropLast()) }
    guard let address = IPAddress(text: host), (address.family == .v6) == isBracketed,
      digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits), port > 0
    else {
      throw StartError(
        "status: found \(quotedForMessage(text)), expected ADDRESS:PORT such as \(Self.usual), "
          + "or off")
    }
    self.init(host: host, port: Int(port))
  }

  /// As in URLs.
  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
