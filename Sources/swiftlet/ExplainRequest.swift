import Corefile
import DNSWire
import PluginChain

/// What is to be explained: a question, and who asks it.
struct ExplainRequest: Sendable {
  /// QNAME.
  let name: DomainName
  /// QTYPE.
  let type: RRType
  /// The client's address.
  let client: IPAddress
  /// The namespace of the Pod that asks, for the search path.
  let namespace: String
  /// The port that is asked; `nil` for that of the first server block.
  let port: UInt16?
  private let text: String

  /// Dots from which on a name is tried as it is first (`ndots` in a Pod's resolv.conf).
  private static let dotCountMin = 5

  /// Reads the words of a command line or of a request.
  init(
    name: String, type: String, client: String, namespace: String, port: UInt16?
  ) throws(StartError) {
    guard !name.isEmpty, let asked = DomainName(text: name) else {
      throw StartError("explain: \(quotedForMessage(name)) is not a domain name")
    }
    guard let type = RRType(mnemonic: type) else {
      throw StartError("explain: \(quotedForMessage(type)) is not a type of records")
    }
    guard let address = IPAddress(text: client) else {
      throw StartError("explain: \(quotedForMessage(client)) is not an IP address")
    }
    guard !namespace.isEmpty, DomainName(text: namespace)?.labelCount == 1 else {
      throw StartError("explain: \(quotedForMessage(namespace)) is not a namespace")
    }
    text = name
    self.name = asked
    self.type = type
    self.client = address
    self.namespace = namespace
    self.port = port
  }

  /// The names that a resolver with `ndots:5` tries for a Pod of a cluster of `zone`, in its order;
  /// empty for a name that was written with a dot at its end, which is tried as it is.
  func search(zone: DomainName?) -> [DomainName] {
    guard let zone, !text.hasSuffix(".") else { return [] }
    let path = ["\(namespace).svc.\(zone)", "svc.\(zone)", "\(zone)"].compactMap {
      DomainName(text: "\(text).\($0)")
    }
    return name.labelCount > Self.dotCountMin ? [name] + path : path + [name]
  }
}

extension RRType {
  /// The type of a mnemonic such as `AAAA`, or of `TYPE65`; `nil` for anything else.
  init?(mnemonic text: String) {
    let text = text.uppercased()
    if text.hasPrefix("TYPE"), let number = UInt16(text.dropFirst(4)) {
      self.init(rawValue: number)
      return
    }
    guard
      let found = (1...260).map({ RRType(rawValue: $0) }).first(where: { $0.description == text })
    else { return nil }
    self = found
  }
}
