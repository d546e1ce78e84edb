import Corefile
import DNSWire
import Sockets
import Upstreams

extension ForwardConfiguration {
  /// The longest duration of any option.
  private static let durationMax = Duration.seconds(86_400)
  /// Resolvers of one directive.
  private static let resolverCountMax = 15

  /// CoreDNS's options, for suggestions.
  private static let optionNames = [
    "except", "force_tcp", "prefer_udp", "expire", "max_age", "max_idle_conns", "read_timeout",
    "max_fails", "max_connect_attempts", "doh_method", "tls", "tls_servername", "policy",
    "health_check", "max_concurrent", "next", "next_on_nodata",
    "failfast_all_unhealthy_upstreams", "failover", "source_address", "resolver",
  ]

  /// Reads one line of the block.
  mutating func read(_ option: Directive, of directive: Directive) throws(Diagnostic) {
    switch option.name.text {
    case "except":
      try option.requireArguments(1...)
      for token in option.arguments {
        exceptZones += try token.zones().compactMap { DomainName(text: $0) }
      }
    case "next": nextCodes.formUnion(try ForwardCodes.codes(of: option))
    case "next_on_nodata": nextOnNoData = try Self.flag(option)
    case "tls": try readTLSFiles(option)
    case "tls_servername":
      let token = try option.onlyArgument()
      _ = try ForwardTarget.serverName(token.text, token)
      serverName = token
    case "resolver": resolvers = try Self.resolvers(option)
    case "doh_method":
      throw option.error(
        "doh_method belongs to DNS over HTTPS, which is not built yet for upstreams")
    default: try readUpstreamOption(option, of: directive)
    }
    try option.requireNoOptions()
  }

  /// Reads a line that says how upstreams are asked.
  private mutating func readUpstreamOption(
    _ option: Directive, of directive: Directive
  ) throws(Diagnostic) {
    let least = Duration.milliseconds(1)
    switch option.name.text {
    case "force_tcp": options.forceTCP = try Self.flag(option)
    case "prefer_udp": options.preferUDP = try Self.flag(option)
    case "expire": options.expire = try Self.nanoseconds(option, from: .zero)
    case "max_age": options.maxAge = try Self.nanoseconds(option, from: .zero)
    case "read_timeout": options.readTimeout = try Self.nanoseconds(option, from: least)
    case "max_idle_conns": options.maxIdleConnections = try Self.count(option)
    case "max_fails": options.maxFails = try Self.count(option)
    case "max_connect_attempts": options.maxConnectAttempts = try Self.count(option)
    case "max_concurrent": options.maxConcurrent = try Self.count(option)
    case "policy":
      let word = try option.onlyArgument().keyword(
        among: UpstreamOptions.Policy.allCases.map(\.rawValue))
      options.policy = UpstreamOptions.Policy(rawValue: word) ?? .random
    case "health_check": try readHealthCheck(option, from: least)
    case "failfast_all_unhealthy_upstreams": options.failFastWhenAllDown = try Self.flag(option)
    case "failover":
      let codes = try ForwardCodes.codes(of: option)
      guard !codes.contains(0) else {
        throw option.error("NOERROR cannot be used with failover: it is no failure")
      }
      options.failoverCodes.formUnion(codes)
    case "source_address":
      let token = try option.onlyArgument()
      guard let address = IPAddress(text: token.text)?.unmapped else {
        throw token.error("found \(quotedForMessage(token.text)), expected an address of this host")
      }
      options.sourceAddress = SocketAddress(address, port: 0)
    default: throw directive.unknownOption(option, known: Self.optionNames)
    }
  }

  // MARK: - Values

  /// An option without arguments.
  private static func flag(_ option: Directive) throws(Diagnostic) -> Bool {
    try option.requireArguments(0...0)
    return true
  }

  private static func count(_ option: Directive) throws(Diagnostic) -> Int {
    try option.onlyArgument().integer(in: 0...Int(UInt32.max))
  }

  private static func nanoseconds(
    _ option: Directive, from least: Duration
  ) throws(Diagnostic) -> UInt64 {
    try nanoseconds(option.onlyArgument(), from: least)
  }

  private static func nanoseconds(
    _ token: Token, from least: Duration
  ) throws(Diagnostic) -> UInt64 {
    let parts = try token.duration(in: least...durationMax).components
    return UInt64(parts.seconds) * 1_000_000_000 + UInt64(parts.attoseconds / 1_000_000_000)
  }

  /// `health_check DURATION [no_rec] [domain FQDN]`.
  private mutating func readHealthCheck(
    _ option: Directive, from least: Duration
  ) throws(Diagnostic) {
    try option.requireArguments(1...)
    var words = option.arguments[...]
    guard let interval = words.popFirst() else { return }
    options.healthCheckInterval = try Self.nanoseconds(interval, from: least)
    options.healthCheckDomain = .root
    options.healthCheckRecurses = true
    while let word = words.popFirst() {
      if try word.keyword(among: ["no_rec", "domain"]) == "no_rec" {
        options.healthCheckRecurses = false
        continue
      }
      guard let name = words.popFirst() else {
        throw word.error("found nothing after domain, expected a domain name")
      }
      guard !name.text.contains("/"), let zone = try name.zones().first,
        let domain = DomainName(text: zone)
      else {
        throw name.error("found \(quotedForMessage(name.text)), expected a domain name")
      }
      options.healthCheckDomain = domain
    }
  }

  /// `tls [CERT KEY] [CA]`.
  private mutating func readTLSFiles(_ option: Directive) throws(Diagnostic) {
    try option.requireArguments(0...3)
    let words = option.arguments
    tlsFiles = TLSFiles()
    if words.count >= 2 {
      tlsFiles.certificate = words[0]
      tlsFiles.key = words[1]
    }
    if words.count % 2 == 1 { tlsFiles.authority = words.last }
  }

  /// `resolver IP[:PORT]...`.
  private static func resolvers(_ option: Directive) throws(Diagnostic) -> [SocketAddress] {
    try option.requireArguments(1...resolverCountMax)
    var result: [SocketAddress] = []
    for token in option.arguments {
      let endpoint = try EndpointText(token.text[...], at: token)
      guard let address = endpoint.address else {
        throw token.error(
          "found \(quotedForMessage(token.text)), expected an address, with a port or without")
      }
      var scope: UInt32 = 0
      if let suffix = endpoint.suffix {
        scope = try ForwardTarget.scope(suffix, of: address, token)
      }
      result.append(
        SocketAddress(address, port: endpoint.port ?? ForwardTarget.plainPort, scope: scope))
    }
    return result
  }
}
