import DNSWire
import Files
import Sockets

/// The name servers of a file in the format of resolv.conf(5). Everything else in it is ignored.
///
/// A line is `nameserver ADDRESS`, white space before it allowed; `#` and `;` begin a comment. An
/// IPv6 address may name its interface: `fe80::1%eth0`. The port is 53.
package struct ResolvConf: Equatable, Sendable {
  /// Octets of a file at most.
  package static let octetCountMax = 64 << 10
  /// Name servers taken from a file; the C library takes 3.
  package static let serverCountMax = 15

  /// The name servers in order, without repetitions.
  package private(set) var servers: [SocketAddress] = []
  /// What was wrong with lines, in words; these lines are left out.
  package private(set) var problems: [String] = []

  /// Reads the octets of a file. `scope` is the number of an interface by name or number; `nil`
  /// when there is no such interface.
  package init(parsing octets: [UInt8], scope: (String) -> UInt32?) {
    let lines = octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let text = line.prefix { $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: ";") }
      let words = text.split(whereSeparator: { $0 == 0x20 || (0x09...0x0D).contains($0) })
        .map { String(decoding: $0, as: UTF8.self) }
      guard words.first == "nameserver" else { continue }
      read(words.count > 1 ? words[1] : "", line: index + 1, scope)
    }
  }

  /// Reads the file at `path`; fails in the system's words.
  package static func read(_ path: String) throws(PosixProblem) -> ResolvConf {
    let octets = try PosixFile.read(path, octetCountMax: octetCountMax).octets
    return ResolvConf(parsing: octets, scope: SocketAddress.scope)
  }

  private mutating func read(_ word: String, line: Int, _ scope: (String) -> UInt32?) {
    let shown = word.prefix(45)
    let parts = word.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(text: parts.first ?? "")?.unmapped else {
      return note("line \(line) names no address (\"\(shown)\")")
    }
    var number: UInt32 = 0
    if parts.count > 1 {
      guard address.family == .v6, let known = scope(String(parts[1])) else {
        return note("line \(line) names an interface that is not there (\"\(shown)\")")
      }
      number = known
    }
    let server = SocketAddress(address, port: ForwardTarget.plainPort, scope: number)
    guard !servers.contains(server) else { return }
    guard servers.count < Self.serverCountMax else {
      return note("line \(line) is one name server more than \(Self.serverCountMax)")
    }
    servers.append(server)
  }

  private mutating func note(_ problem: String) {
    guard problems.count < Self.serverCountMax else { return }
    problems.append(problem)
  }
}
