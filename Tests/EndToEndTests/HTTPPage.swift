import TestSupport
import Testing

/// A page of the server under test, asked for once over a connection of its own.
struct HTTPPage: Equatable {
  let status: Int
  let body: String

  /// Asks for `path` on a port of IPv4 loopback, once somebody listens there: the pages of a server
  /// come up beside its answers. Throws when nobody answers.
  static func wait(for path: String, port: UInt16) throws -> HTTPPage {
    _ = waitUntil(.seconds(60)) { (try? TCPConnection(to: DNSClient(port: port))) != nil }
    return try get(path, port: port)
  }

  /// Asks for `path` on a port of IPv4 loopback; throws when nobody answers.
  static func get(_ path: String, port: UInt16) throws -> HTTPPage {
    let connection = try TCPConnection(to: DNSClient(port: port))
    let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try connection.send(Array(request.utf8))
    var octets: [UInt8] = []
    while true {
      let more = try connection.receiveSome(timeout: .seconds(60))
      guard !more.isEmpty else { break }
      octets += more
    }
    let text = String(decoding: octets, as: UTF8.self)
    let words = text.split(separator: " ", maxSplits: 2)
    let end = try #require(text.ranges(of: "\r\n\r\n").first, "\(text.prefix(200))")
    return HTTPPage(
      status: words.count > 1 ? Int(words[1]) ?? 0 : 0, body: String(text[end.upperBound...]))
  }
}
