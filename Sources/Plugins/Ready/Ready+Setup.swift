import Corefile
import DNSWire
import PluginChain
import Sockets

extension Ready {
  /// `ready [ADDRESS] { monitor until-ready|continuously }`, by default `:8181`. The endpoint
  /// itself is made when all server blocks are set up, one an address: see
  /// `addEndpoints(_:)`.
  package static let definition = PluginDefinition("ready") {
    (directive, _, setup) throws(Diagnostic) in
    try directive.requireArguments(0...1)
    var asksContinuously = false
    for option in directive.options ?? [] {
      guard option.name.text == "monitor" else {
        throw directive.unknownOption(option, known: ["monitor"])
      }
      let mode = try option.onlyArgument().keyword(among: ["until-ready", "continuously"])
      asksContinuously = mode == "continuously"
    }
    let address = directive.arguments.first?.text ?? ":8181"
    if let token = directive.arguments.first, hostAndPort(address) == nil {
      throw token.error("found \(quotedForMessage(address)), expected ADDRESS:PORT or :PORT")
    }
    if asksContinuously { setup.readyContinuously.insert(address) }
    if setup.readyAddresses[address] == nil { setup.readyAddresses[address] = directive.name }
  }

  /// Adds the endpoints of a finished set-up.
  package static func addEndpoints(_ setup: inout ServerSetup) {
    for address in setup.readyAddresses.keys.sorted() {
      guard let (host, port) = hostAndPort(address) else { continue }
      let ready = Ready(
        checks: setup.readinessChecks,
        asksContinuously: setup.readyContinuously.contains(address), ending: setup.ending)
      setup.addEndpoint("/ready", of: "ready", host: host, port: port) { ready.page }
    }
  }

  /// `127.0.0.1:8181`, `[::1]:8181`, `localhost:8181` or `:8181` taken apart.
  static func hostAndPort(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(digits),
      (1...65_535).contains(port)
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
      guard IPAddress(text: host)?.family == .v6 else { return nil }
    } else if host.contains(where: { ":[]".contains($0) }) {
      return nil
    }
    // Every address: `::` takes IPv4 too, where the machine has IPv6 at all.
    if host.isEmpty {
      host = InterfaceAddress.all().contains { $0.address.isV6 } ? "::" : "0.0.0.0"
    }
    return (host, port)
  }
}
