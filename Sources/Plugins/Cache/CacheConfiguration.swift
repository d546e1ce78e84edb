import Corefile
import DNSWire

/// A `cache` directive, read and checked; docs/plugins/cache.md lists the options.
package struct CacheConfiguration: Sendable {
  /// How long to keep, and what to do then.
  package private(set) var policy = CachePolicy()
  /// The names to keep replies for; `nil` is all of the server block.
  package let zones: ZoneSet?
  /// The zones of `zones`.
  package let zoneNames: [DomainName]
  private var disabledSuccess: [DomainName] = []
  private var disabledDenial: [DomainName] = []
  private var successOff = ZoneSet.none
  private var denialOff = ZoneSet.none

  private static let optionNames = [
    "success", "denial", "prefetch", "serve_stale", "serve_stale_policy", "servfail", "disable",
    "keepttl",
  ]
  /// The largest TTL, in seconds (RFC 2181 §8).
  private static let ttlMax = 0x7FFF_FFFF
  /// The largest capacity, in entries.
  private static let capacityMax = 10_000_000
  /// The longest duration where CoreDNS has no limit: a year.
  private static let durationMax = Duration.seconds(8760 * 3600)
  /// The longest to remember a failure (RFC 9520 §3.2, RFC 8767 §5).
  private static let failureMax = Duration.seconds(300)

  /// Reads the directive.
  package init(_ directive: Directive) throws(Diagnostic) {
    var arguments = directive.arguments[...]
    if let first = arguments.first, Int(first.text) != nil {
      let ttl = UInt32(clamping: try first.integer(in: 1...Self.ttlMax))
      policy.success.ttlMax = ttl
      policy.denial.ttlMax = ttl
      arguments = arguments.dropFirst()
    }
    var names: [DomainName] = []
    for token in arguments { names += try token.zones().compactMap { DomainName(text: $0) } }
    zoneNames = names
    zones = names.isEmpty ? nil : ZoneSet(names)
    for option in directive.options ?? [] { try read(option, of: directive) }
    successOff = ZoneSet(disabledSuccess)
    denialOff = ZoneSet(disabledDenial)
    let options = directive.options ?? []
    let policies = options.filter { $0.name.text == "serve_stale_policy" }
    if let second = policies.dropFirst().first {
      throw second.error("serve_stale_policy stands twice; once is the most")
    }
    if let first = policies.first, !options.contains(where: { $0.name.text == "serve_stale" }) {
      throw first.error("serve_stale_policy needs the option serve_stale beside it")
    }
  }

  /// Whether replies of a kind for `name` are not to be kept (`disable`).
  func isDisabled(_ kind: CacheKind, _ name: borrowing QueryName) -> Bool {
    kind == .success ? successOff.covers(name) : denialOff.covers(name)
  }

  // MARK: - Options

  private mutating func read(
    _ option: Directive, of directive: Directive
  ) throws(Diagnostic) {
    switch option.name.text {
    case "success": try Self.readBounds(option, &policy.success)
    case "denial": try Self.readBounds(option, &policy.denial)
    case "prefetch": try readPrefetch(option)
    case "serve_stale": try readServeStale(option)
    case "serve_stale_policy":
      _ = try option.onlyArgument().lowercased.keyword(among: ["prefer_positive"])
      policy.prefersPositive = true
    case "servfail":
      policy.failureNanoseconds = try Self.nanoseconds(
        option.onlyArgument(), at: .zero...Self.failureMax)
    case "disable": try readDisable(option)
    case "keepttl":
      try option.requireArguments(0...0)
      policy.keepsTTL = true
    default: throw directive.unknownOption(option, known: Self.optionNames)
    }
    try option.requireNoOptions()
  }

  /// `CAPACITY [TTL] [MINTTL]`.
  private static func readBounds(
    _ option: Directive, _ bounds: inout CachePolicy.Bounds
  ) throws(Diagnostic) {
    try option.requireArguments(1...)
    try option.requireArguments(0...3)
    let words = option.arguments
    bounds.capacity = try words[0].integer(in: 0...capacityMax)
    if words.count > 1 {
      bounds.ttlMax = UInt32(clamping: try words[1].integer(in: 1...ttlMax))
    }
    if words.count > 2 {
      bounds.ttlMin = UInt32(clamping: try words[2].integer(in: 0...ttlMax))
    }
  }

  /// `AMOUNT [DURATION [PERCENT%]]`.
  private mutating func readPrefetch(_ option: Directive) throws(Diagnostic) {
    try option.requireArguments(1...)
    try option.requireArguments(0...3)
    let words = option.arguments
    policy.prefetchCount = try words[0].integer(in: 0...0x7FFF_FFFF)
    if words.count > 1 {
      policy.prefetchGapNanoseconds = try Self.nanoseconds(
        words[1], at: .zero...Self.durationMax)
    }
    if words.count > 2 {
      let text = words[2].text
      guard text.hasSuffix("%"), let number = Int(text.dropLast()), (10...90).contains(number)
      else {
        throw words[2].error(
          "found \(quotedForMessage(text)), expected a percentage from 10% to 90%")
      }
      policy.prefetchPercent = number
    }
  }

  /// `success|denial [ZONES...]`.
  private mutating func readDisable(_ option: Directive) throws(Diagnostic) {
    try option.requireArguments(1...)
    let kind = try option.arguments[0].keyword(among: CacheKind.allCases.map(\.rawValue))
    var zones: [DomainName] = []
    for token in option.arguments.dropFirst() {
      zones += try token.zones().compactMap { DomainName(text: $0) }
    }
    if zones.isEmpty { zones = [.root] }
    if kind == CacheKind.success.rawValue {
      disabledSuccess += zones
    } else {
      disabledDenial += zones
    }
  }

  // MARK: - serve_stale

  /// `[DURATION] [immediate [RTTL [RECHECK]] | verify [TIMEOUT [RTTL [RECHECK]]]]`.
  private mutating func readServeStale(_ option: Directive) throws(Diagnostic) {
    try option.requireArguments(0...5)
    let defaults = CachePolicy()
    policy.staleNanoseconds = defaults.staleNanoseconds
    policy.staleMode = .immediate
    policy.verifyNanoseconds = 0
    policy.staleTTL = defaults.staleTTL
    policy.recheckNanoseconds = defaults.recheckNanoseconds
    var words = option.arguments[...]
    if let duration = words.popFirst() {
      policy.staleNanoseconds = try Self.nanoseconds(duration, at: .zero...Self.durationMax)
    }
    guard let mode = words.popFirst() else { return }
    if try mode.lowercased.keyword(among: ["immediate", "verify"]) == "verify" {
      policy.staleMode = .verify
      if let timeout = words.popFirst() {
        policy.verifyNanoseconds = try Self.nanoseconds(
          timeout, at: .zero ... .seconds(60))
      }
    }
    if let ttl = words.popFirst() {
      let nanoseconds = try Self.nanoseconds(ttl, at: .zero...Self.durationMax)
      guard nanoseconds.isMultiple(of: 1_000_000_000) else {
        throw ttl.error("found \(quotedForMessage(ttl.text)), expected whole seconds")
      }
      policy.staleTTL = UInt32(clamping: nanoseconds / 1_000_000_000)
    }
    if let recheck = words.popFirst() {
      policy.recheckNanoseconds = try Self.nanoseconds(recheck, at: .zero...Self.failureMax)
    }
    if let extra = words.first {
      throw extra.error(
        "found \(quotedForMessage(extra.text)), expected at most 4 arguments after serve_stale "
          + "with immediate")
    }
  }

  private static func nanoseconds(
    _ token: Token, at range: ClosedRange<Duration>
  ) throws(Diagnostic) -> UInt64 {
    let (seconds, attoseconds) = try token.duration(in: range).components
    return UInt64(clamping: seconds) &* 1_000_000_000
      &+ UInt64(clamping: attoseconds / 1_000_000_000)
  }
}

extension Token {
  /// The same word in lower case.
  fileprivate var lowercased: Token {
    Token(text: text.lowercased(), position: position, isQuoted: isQuoted)
  }
}
