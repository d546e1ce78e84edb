import Corefile
import DNSWire
import Plugins
import Testing
import Upstreams

/// The `forward` directive; docs/plugins/forward.md lists its options.
@Suite struct ForwardDirectiveTests {
  @Test func `the defaults are CoreDNS's`() throws {
    let found = try ForwardReading.configuration("forward . 192.0.2.1")
    let options = found.options
    #expect(found.from == [.root])
    #expect(options.policy == .random)
    #expect(!options.forceTCP && !options.preferUDP && !options.failFastWhenAllDown)
    #expect(options.expire == 10_000_000_000)
    #expect(options.maxAge == 0)
    #expect(options.maxIdleConnections == 0)
    #expect(options.readTimeout == 2_000_000_000)
    #expect(options.maxFails == 2)
    #expect(options.maxConnectAttempts == 0)
    #expect(options.healthCheckInterval == 500_000_000)
    #expect(options.healthCheckRecurses)
    #expect(options.healthCheckDomain == .root)
    #expect(options.maxConcurrent == 0)
    #expect(options.failoverCodes.isEmpty && found.nextCodes.isEmpty && !found.nextOnNoData)
    #expect(options.sourceAddress == nil)
    #expect(found.resolvers.isEmpty && found.serverName == nil)
    let files = [found.tlsFiles.certificate, found.tlsFiles.key, found.tlsFiles.authority]
    #expect(files == [nil, nil, nil])
  }

  /// One line of the block and what it sets.
  struct Option: Sendable, CustomTestStringConvertible {
    let line: String
    let isSet: @Sendable (ForwardConfiguration) -> Bool

    init(_ line: String, _ isSet: @escaping @Sendable (ForwardConfiguration) -> Bool) {
      self.line = line
      self.isSet = isSet
    }

    var testDescription: String { line }
  }

  static let options: [Option] = [
    Option("force_tcp") { $0.options.forceTCP },
    Option("prefer_udp") { $0.options.preferUDP },
    Option("expire 0") { $0.options.expire == 0 },
    Option("expire 1m30s") { $0.options.expire == 90_000_000_000 },
    Option("expire 24h") { $0.options.expire == 86_400_000_000_000 },
    Option("max_age 10s") { $0.options.maxAge == 10_000_000_000 },
    Option("max_age 0") { $0.options.maxAge == 0 },
    Option("expire 5s\n max_age 5s") { $0.options.maxAge == 5_000_000_000 },
    Option("max_idle_conns 7") { $0.options.maxIdleConnections == 7 },
    Option("read_timeout 1ms") { $0.options.readTimeout == 1_000_000 },
    Option("read_timeout 1.5s") { $0.options.readTimeout == 1_500_000_000 },
    Option("max_fails 0") { $0.options.maxFails == 0 },
    Option("max_fails 4294967295") { $0.options.maxFails == 4_294_967_295 },
    Option("max_connect_attempts 3") { $0.options.maxConnectAttempts == 3 },
    Option("max_concurrent 1000") { $0.options.maxConcurrent == 1000 },
    Option("policy random") { $0.options.policy == .random },
    Option("policy round_robin") { $0.options.policy == .roundRobin },
    Option("policy sequential") { $0.options.policy == .sequential },
    Option("health_check 5s") { $0.options.healthCheckInterval == 5_000_000_000 },
    Option("health_check 5s no_rec") {
      $0.options.healthCheckInterval == 5_000_000_000 && !$0.options.healthCheckRecurses
    },
    Option("health_check 1s domain Example.org no_rec") {
      $0.options.healthCheckDomain == DomainName(text: "example.org.")
        && !$0.options.healthCheckRecurses
    },
    Option("failfast_all_unhealthy_upstreams") { $0.options.failFastWhenAllDown },
    Option("failover SERVFAIL refused") { $0.options.failoverCodes == [2, 5] },
    Option("failover SERVFAIL\n failover BADVERS") { $0.options.failoverCodes == [2, 16] },
    Option("next NXDOMAIN NOTIMPL NotImp") { $0.nextCodes == [3, 4] },
    Option("next NOERROR\n next BADCOOKIE") { $0.nextCodes == [0, 23] },
    Option("next_on_nodata") { $0.nextOnNoData },
    Option("source_address 192.0.2.7") {
      $0.options.sourceAddress?.text == "192.0.2.7:0"
    },
    Option("source_address ::ffff:192.0.2.7") { $0.options.sourceAddress?.text == "192.0.2.7:0" },
    Option("source_address 2001:db8::7") { $0.options.sourceAddress?.text == "[2001:db8::7]:0" },
    // The last line of an option that is no list counts.
    Option("max_fails 3\n max_fails 4") { $0.options.maxFails == 4 },
    Option("health_check 5s no_rec\n health_check 6s") { $0.options.healthCheckRecurses },
  ]

  @Test(arguments: options)
  func `an option is read`(option: Option) throws {
    let found = try ForwardReading.option(option.line)
    #expect(option.isSet(found))
    #expect(found.warnings.isEmpty)
  }

  @Test(
    arguments: [
      ("tls", [nil, nil, nil]), ("tls ca.pem", [nil, nil, "ca.pem"]),
      ("tls a.pem a.key", ["a.pem", "a.key", nil]),
      ("tls a.pem a.key ca.pem", ["a.pem", "a.key", "ca.pem"]),
    ] as [(String, [String?])])
  func `the files of tls are told apart`(line: String, files: [String?]) throws {
    let found = try ForwardReading.option(line, to: "tls://192.0.2.1")
    let tls = found.tlsFiles
    #expect([tls.certificate, tls.key, tls.authority].map { $0?.text } == files)
    #expect(found.warnings.isEmpty)
  }

  @Test func `tls_servername is the name of every target with tls`() throws {
    let found = try ForwardReading.option(
      "tls_servername DNS.Example.", to: "tls://192.0.2.1 192.0.2.2 tls://host.example")
    #expect(
      found.targets.map(\.words) == [
        "tls://192.0.2.1:853 dns.example", "192.0.2.2:53",
        "tls://host host.example.:853 dns.example",
      ])
    #expect(found.serverName?.text == "DNS.Example.")
  }

  @Test func `resolvers are addresses with ports`() throws {
    let found = try ForwardReading.option(
      "resolver 192.0.2.3 192.0.2.4:54 2001:db8::1 [2001:db8::2]:54", to: "dns.example")
    #expect(
      found.resolvers.map(\.text) == [
        "192.0.2.3:53", "192.0.2.4:54", "[2001:db8::1]:53", "[2001:db8::2]:54",
      ])
    #expect(found.warnings.isEmpty)
  }

  // MARK: - Names

  @Test(arguments: [
    ("example.org", ["example.org."]), ("Example.org.", ["example.org."]), (".", ["."]),
    ("192.0.2.0/24", ["2.0.192.in-addr.arpa."]),
    ("10.9.0.0/15", ["8.10.in-addr.arpa.", "9.10.in-addr.arpa."]),
  ])
  func `FROM is a zone or the reverse zones of a network`(text: String, zones: [String]) throws {
    let found = try ForwardReading.configuration("forward \(text) 192.0.2.1")
    #expect(found.from.map(\.description) == zones)
  }

  @Test(arguments: [
    ("forward . 192.0.2.1", "a.example.", true),
    ("forward example.org 192.0.2.1", "EXAMPLE.org.", true),
    ("forward example.org 192.0.2.1", "a.b.example.org.", true),
    ("forward example.org 192.0.2.1", "xexample.org.", false),
    ("forward example.org 192.0.2.1", "org.", false),
    ("forward 10.0.0.0/15 192.0.2.1", "4.3.1.10.in-addr.arpa.", true),
    ("forward 10.0.0.0/15 192.0.2.1", "4.3.2.10.in-addr.arpa.", false),
    ("forward . 192.0.2.1 {\n  except lan 10.0.0.0/8\n}", "printer.lan.", false),
    ("forward . 192.0.2.1 {\n  except lan 10.0.0.0/8\n}", "1.2.3.10.in-addr.arpa.", false),
    ("forward . 192.0.2.1 {\n  except lan\n  except home\n}", "tv.home.", false),
    ("forward . 192.0.2.1 {\n  except lan\n}", "plan.", true),
    // What FROM names itself is forwarded whatever `except` says.
    ("forward lan 192.0.2.1 {\n  except lan\n}", "lan.", true),
    ("forward lan 192.0.2.1 {\n  except lan\n}", "a.lan.", false),
  ])
  func `FROM and except say which names are forwarded`(
    text: String, name: String, isForwarded: Bool
  ) throws {
    let found = try ForwardReading.configuration(text)
    var query = QueryName()
    let wire = try #require(DomainName(text: name)).wire
    #expect(query.parse(wire.span, at: 0) == wire.count)
    #expect(found.covers(query) == isForwarded)
  }
}
