import Corefile
import DNSWire

/// What a trap looks at besides its server block.
struct TrapView {
  /// All server blocks.
  let blocks: [TrapBlock]
  /// Where the Corefile is checked.
  let machine: TrapMachine

  /// Whether queries for `name`, sent to `address` and `port`, come to the server block `index`.
  func leads(_ name: DomainName, to address: IPAddress, _ port: UInt16, block index: Int) -> Bool {
    var best: (octetCount: Int, index: Int)?
    for block in blocks where block.listens(on: address, of: machine) {
      for place in block.places where place.port == port && name.isAtOrBelow(place.zone) {
        let octetCount = place.zone.wire.count
        if octetCount > (best?.octetCount ?? 0) { best = (octetCount, block.index) }
      }
    }
    return best?.index == index
  }
}

/// A server block as traps see it: by what is written, right or wrong.
struct TrapBlock {
  /// Its place among the server blocks.
  let index: Int
  /// Its zones with their ports.
  let places: [(zone: DomainName, port: UInt16)]
  private let block: ServerBlock

  /// The view of `block`; `defaultPort` is that of zones without one.
  init(_ block: ServerBlock, index: Int, defaultPort: UInt16) {
    self.block = block
    self.index = index
    places = block.addresses.compactMap { address in
      DomainName(text: address.zone).map { ($0.lowercased, address.port ?? defaultPort) }
    }
  }

  /// The directives of a plugin, those under an old name of it included.
  func directives(_ plugin: String) -> [Directive] {
    block.directives.filter { directive in
      let name = directive.name.text
      return (deprecatedPluginNames[name] ?? name) == plugin
    }
  }

  /// Whether queries can leave the server here.
  var hasUpstreams: Bool { !directives("forward").isEmpty || !directives("grpc").isEmpty }

  /// What `bind` names.
  var bindings: [Token] { directives("bind").flatMap(\.arguments) }

  /// Whether the block can be reached at `address` from the machine itself.
  func listens(on address: IPAddress, of machine: TrapMachine) -> Bool {
    let bindings = bindings
    if bindings.isEmpty { return address.isLoopback || machine.addresses.contains(address) }
    return bindings.contains { token in
      if let bound = IPAddress(text: token.text) {
        return bound == address || (bound.isWildcard && address.isLoopback)
      }
      return token.text == "lo" && address.isLoopback
    }
  }
}

extension Directive {
  /// The lines of the block with this name.
  func options(_ name: String) -> [Directive] {
    (options ?? []).filter { $0.name.text == name }
  }
}

extension Sequence<Token> {
  /// The zones that the words name, in lower case; words that are no zones are left out.
  var trapZones: [DomainName] {
    flatMap { (try? normalizedZone($0.text).get()) ?? [] }.compactMap { DomainName(text: $0) }
  }
}
