import DNSWire
import PluginChain

/// What a rule does with an EDNS option of the query.
struct OptionRewriting: Sendable {
  /// What is done.
  enum Verb: String, CaseIterable, Sendable {
    /// Replaces it, or adds it.
    case set
    /// Adds it if it is not there.
    case append
    /// Replaces it if it is there.
    case replace
    /// Takes it out.
    case unset
  }

  /// What the option says.
  enum Content: Sendable {
    /// These octets.
    case octets([UInt8])
    /// A fact about the query.
    case variable(Variable)
    /// The client's network: so many bits of an IPv4 or IPv6 address (RFC 7871 §6).
    case subnet(v4: Int, v6: Int)
  }

  /// A fact about the query.
  enum Variable: String, CaseIterable, Sendable {
    /// QNAME as text.
    case qname
    /// QTYPE, two octets.
    case qtype
    /// The client's address, 4 or 16 octets.
    case clientIP = "client_ip"
    /// The client's port, two octets.
    case clientPort = "client_port"
    /// `udp` or `tcp`.
    case protocolName = "protocol"
    /// The address that was asked, 4 or 16 octets.
    case serverIP = "server_ip"
    /// The port that was asked, two octets.
    case serverPort = "server_port"
  }

  /// The payload size of an OPT record that is added.
  private static let payloadSize = Exchange.defaultPayloadSize
  /// Octets of options that a query may have; a rule that would make it more does nothing.
  private static let octetCountMax = 4_096

  /// The code of the option.
  let code: UInt16
  /// What is done.
  let verb: Verb
  /// What it says then.
  let content: Content
  /// The client gets the option back, as CoreDNS does without `revert`.
  let isEchoed: Bool

  /// Changes the query's options; whether there was something to do. `echoes` gets what the client
  /// is to get back.
  func apply(_ exchange: inout Exchange, echoes: inout [UInt8]) -> Bool {
    let old = EncodedOptions.range(of: code, in: exchange.queryOptions)
    if verb == .unset {
      EncodedOptions.remove(code, from: &exchange.queryOptions)
      EncodedOptions.remove(code, from: &echoes)
      return true
    }
    guard verb != .replace || old != nil, verb != .append || old == nil else { return false }
    let data = octets(&exchange)
    guard exchange.queryOptions.count + data.count <= Self.octetCountMax else { return false }
    EncodedOptions.set(code, data, in: &exchange.queryOptions)
    if isEchoed { EncodedOptions.set(code, data, in: &echoes) }
    if exchange.edns == nil {
      exchange.edns = EDNS(
        requestorPayloadSize: Self.payloadSize, version: 0, dnssecOK: false)
    }
    return true
  }

  private func octets(_ exchange: inout Exchange) -> [UInt8] {
    switch content {
    case .octets(let octets): octets
    case .variable(let variable): Self.octets(variable, &exchange)
    case .subnet(let v4, let v6): Self.subnet(exchange.client.address, v4: v4, v6: v6)
    }
  }

  private static func octets(_ variable: Variable, _ exchange: inout Exchange) -> [UInt8] {
    switch variable {
    case .qname:
      let name = DomainName(wire: Array(exchange.reply.question.dropLast(4)))
      return Array((name ?? .root).description.utf8)
    case .qtype: return octets(exchange.type.rawValue)
    case .clientIP: return octets(exchange.client.address)
    case .clientPort: return octets(exchange.client.port)
    case .protocolName: return Array((exchange.transport == .udp ? "udp" : "tcp").utf8)
    case .serverIP: return octets(exchange.server.address)
    case .serverPort: return octets(exchange.server.port)
    }
  }

  private static func subnet(_ address: IPAddress, v4: Int, v6: Int) -> [UInt8] {
    let (family, bitCount): (UInt16, Int) = address.family == .v4 ? (1, v4) : (2, v6)
    var network = Array(octets(address).prefix((bitCount + 7) / 8))
    if bitCount % 8 != 0, let last = network.popLast() {
      network.append(last & ~(0xFF >> UInt8(bitCount % 8)))
    }
    return octets(family) + [UInt8(truncatingIfNeeded: bitCount), 0] + network
  }

  private static func octets(_ address: IPAddress) -> [UInt8] {
    (0..<address.octetCount).map { address.octet($0) }
  }

  private static func octets(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}

/// EDNS options as they stand in an OPT record: code, length, data (RFC 6891 §6.1.2).
enum EncodedOptions {
  /// Where the option of `code` stands.
  static func range(of code: UInt16, in options: [UInt8]) -> Range<Int>? {
    let octets = options.span
    var index = 0
    while index <= octets.count - 4 {
      let end = index + 4 + Int(octets.word16(index + 2))
      guard end <= octets.count else { return nil }
      if octets.word16(index) == code { return index..<end }
      index = end
    }
    return nil
  }

  /// The codes of all options, in order.
  static func codes(in options: [UInt8]) -> [UInt16] {
    let octets = options.span
    var codes: [UInt16] = []
    var index = 0
    while index <= octets.count - 4 {
      codes.append(octets.word16(index))
      index += 4 + Int(octets.word16(index + 2))
    }
    return codes
  }

  /// Takes all options of `code` out.
  static func remove(_ code: UInt16, from options: inout [UInt8]) {
    while let range = range(of: code, in: options) { options.removeSubrange(range) }
  }

  /// Puts an option in the place of that of `code`, or at the end.
  static func set(_ code: UInt16, _ data: [UInt8], in options: inout [UInt8]) {
    func two(_ value: Int) -> [UInt8] {
      [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
    }
    let option = two(Int(code)) + two(data.count) + data
    options.replaceSubrange(
      range(of: code, in: options) ?? options.endIndex..<options.endIndex,
      with: option)
  }
}
