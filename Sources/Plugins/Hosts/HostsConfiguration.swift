import Corefile
import DNSWire
import PluginChain

/// A `hosts` directive, read and checked.
package struct HostsConfiguration: Sendable {
  /// The hosts file.
  package let path: String
  /// Whether the directive names the file.
  package let isPathGiven: Bool
  /// The names that are answered are at or below these.
  package let zones: [DomainName]
  /// Which names go on to the next plugin when they are not known.
  package private(set) var handsOn = ZoneSet.none
  /// Whether, of those, known names go on too when another type than A and AAAA is wanted.
  package private(set) var handsOnOtherTypes = false
  /// TTL of all records, in seconds.
  package private(set) var ttl: UInt32 = 3600
  /// Whether addresses lead to their names.
  package private(set) var hasReverse = true
  /// Between two looks at the file; zero for none after the start.
  package private(set) var interval = Duration.seconds(5)
  /// Names with an address each, from the directive's own lines.
  package private(set) var entries: [(name: DomainName, address: IPAddress)] = []
  /// What is worth saying of lines that have no effect.
  package private(set) var warnings: [Diagnostic] = []

  private static let defaultPath = "/etc/hosts"
  private static let ttlRange = 1...65_535
  private static let intervalMax = Duration.seconds(31_536_000)
  private static let optionNames = [
    "fallthrough", "fallthrough_unsupported", "no_reverse", "reload", "ttl",
  ]

  /// Reads the directive; the zones default to the server block's.
  package init(_ directive: Directive, _ block: BlockSetup) throws(Diagnostic) {
    let file = directive.arguments.first
    isPathGiven = file != nil
    path = block.root.file(file?.text ?? Self.defaultPath)
    var zones: [DomainName] = []
    for token in directive.arguments.dropFirst() {
      zones += try token.zones().compactMap { DomainName(text: $0) }
    }
    self.zones = zones.isEmpty ? block.zones : zones
    let index = ZoneIndex(self.zones)
    var hasFallthrough = false
    var unsupported: Directive?
    for option in directive.options ?? [] {
      switch option.name.text {
      case "fallthrough":
        handsOn = try ZoneSet(parsing: option.arguments)
        hasFallthrough = true
      case "fallthrough_unsupported":
        try option.requireArguments(0...0)
        unsupported = option
      case "no_reverse":
        try option.requireArguments(0...0)
        hasReverse = false
      case "ttl": ttl = UInt32(try option.onlyArgument().integer(in: Self.ttlRange))
      case "reload":
        interval = try option.onlyArgument().duration(in: .zero...Self.intervalMax)
      default:
        guard let address = Self.address(option.name.text) else {
          throw Self.unknown(option, of: directive)
        }
        guard !hasFallthrough else {
          throw option.error(
            "found the line of \(option.name.text) behind fallthrough: CoreDNS reads such lines "
              + "before it alone")
        }
        try read(option, address, index)
      }
      try option.requireNoOptions()
    }
    if let unsupported {
      guard hasFallthrough else {
        throw unsupported.error("fallthrough_unsupported needs fallthrough, whose zones it uses")
      }
      handsOnOtherTypes = true
    }
  }

  /// A line with an address and its names.
  private mutating func read(
    _ line: Directive, _ address: IPAddress, _ zones: ZoneIndex
  ) throws(Diagnostic) {
    guard !line.arguments.isEmpty else {
      throw line.error("found no name behind \(line.name.text), expected at least one")
    }
    var name = QueryName()
    for token in line.arguments {
      guard HostsName.read(token.text, into: &name), let owner = name.domainName else {
        throw token.error("found \(quotedForMessage(token.text)), expected a host name")
      }
      if zones.match(name) == nil {
        warnings.append(
          Diagnostic(
            .warning, at: token.position,
            "\(token.text) is in none of the zones of hosts: it has no effect"))
      } else {
        entries.append((owner, address))
      }
    }
  }

  /// The address that a line begins with, without what stands behind `%`.
  private static func address(_ text: String) -> IPAddress? {
    IPAddress(text: text.prefix { $0 != "%" })?.unmapped
  }

  /// A line that is neither an option nor begins with an address.
  private static func unknown(_ line: Directive, of directive: Directive) -> Diagnostic {
    let word = line.name.text
    guard word.contains(":") || word.first?.isNumber == true else {
      return directive.unknownOption(line, known: optionNames)
    }
    return line.error("found \(quotedForMessage(word)), expected an address or an option of hosts")
  }
}
