import Corefile
import DNSWire

/// The weights of addresses by name, as a weight file has them.
struct WeightFile: Equatable, Sendable {
  /// What is wrong with a file: `FILE:LINE: error: words`.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// Octets of a file.
  static let octetCountMax = 4 << 20

  /// By name, whatever its case.
  private(set) var weights: [DomainName: [IPAddress: Int]] = [:]

  /// No weights.
  init() {}

  /// Reads the text of the file at `path`: lines with a name, each followed by lines with an
  /// address and a weight from 1 to 255; empty lines and those that start with `#` mean nothing.
  init(_ text: String, path: String) throws(Problem) {
    var name: DomainName?
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      func problem(_ found: some StringProtocol, _ expected: String) -> Problem {
        Problem(
          description: "\(path):\(number): error: found \(quotedForMessage(found)), "
            + "expected \(expected)")
      }
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      switch words.count {
      case 1:
        guard IPAddress(text: first) == nil else { throw problem(first, "a weight behind it") }
        guard let zone = DomainName(text: first.hasSuffix(".") ? String(first) : first + ".") else {
          throw problem(first, "a domain name")
        }
        name = zone
      case 2:
        guard let address = IPAddress(text: first)?.unmapped else {
          throw problem(first, "an address")
        }
        guard let weight = UInt8(words[1]), weight > 0, words[1].first != "+" else {
          throw problem(words[1], "a weight from 1 to 255")
        }
        guard let name else { throw problem(first, "a domain name before it") }
        let known = weights[name]?[address]
        weights[name, default: [:]][address] = known ?? Int(weight)
      default: throw problem(words[2], "an address and a weight, or a domain name")
      }
    }
  }
}
