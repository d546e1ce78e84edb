import DNSWire
import PluginChain

/// `chaos`: says in class CH who answers and in which version (RFC 4892), to queries for TXT. Class
/// CH ends here: what this plugin does not know is REFUSED, and what is below sees class IN alone.
final class Chaos: Handler, @unchecked Sendable {
  /// The names that are answered.
  private enum Subject {
    case version, authors, host
  }

  /// What a TXT record holds in one string (RFC 1035 §3.3.14), in octets.
  static let textOctetCountMax = 255

  private static let subjects: [(name: String, subject: Subject)] = [
    ("version.bind.", .version), ("version.server.", .version), ("authors.bind.", .authors),
    ("hostname.bind.", .host), ("id.server.", .host),
  ]

  private let names: [(name: DomainName, subject: Subject)]
  private let version: [UInt8]
  private let authors: [[UInt8]]
  private let host: [UInt8]

  /// Answers with these texts; what is longer than a string of TXT is cut.
  init(version: String, authors: [String], host: String, next: Handler?) {
    names = Self.subjects.compactMap { name, subject in
      DomainName(text: name).map { ($0, subject) }
    }
    self.version = Self.string(version)
    self.authors = authors.map(Self.string)
    self.host = Self.string(host)
    super.init(next: next)
  }

  override var answersChaos: Bool { true }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard exchange.classCode == .chaos else { return passOn(&exchange) }
    guard let asked = exchange.name.domainName,
      let subject = names.first(where: { $0.name == asked })?.subject
    else {
      exchange.fail(.refused, .notSupported, "this name is not answered in class CH")
      return answered(&exchange)
    }
    // The name is there; it has no other data (RFC 2308 §2.2), and CH has no SOA to say so.
    guard exchange.type == .txt || exchange.type == .any else { return answered(&exchange) }
    switch subject {
    case .version: append(version, &exchange)
    case .host: append(host, &exchange)
    case .authors:
      let first = authors.isEmpty ? 0 : Int(exchange.nextRandom()) % authors.count
      for index in authors.indices {
        append(authors[(first + index) % authors.count], &exchange)
      }
    }
    return answered(&exchange)
  }

  private func append(_ string: [UInt8], _ exchange: inout Exchange) {
    exchange.reply.beginRecord()
    // The owner is the question's name.
    exchange.reply.append16(0xC000 | UInt16(WireLimits.headerOctetCount))
    exchange.reply.append16(RRType.txt.rawValue)
    exchange.reply.append16(RRClass.chaos.rawValue)
    exchange.reply.append32(0)
    exchange.reply.append16(UInt16(truncatingIfNeeded: string.count))
    exchange.reply.append(string.span)
    _ = exchange.reply.endRecord(.answer)
  }

  /// A character string: its octets behind their count.
  private static func string(_ text: String) -> [UInt8] {
    let octets = text.utf8.prefix(textOctetCountMax)
    return [UInt8(truncatingIfNeeded: octets.count)] + octets
  }
}
