import Corefile
import DNSWire
import PluginChain

/// A server block, set up: what it listens on and the chain behind it.
package struct BlockPlan: Sendable {
  /// The block as written.
  package let block: ServerBlock
  /// The addresses it was written for.
  package let addresses: [ZoneAddress]
  /// The zones of `addresses`, in the same order.
  package let zones: [DomainName]
  /// `bind`'s addresses and interfaces; empty is every address.
  package let bindings: [Token]
  /// What `bind` leaves out.
  package let bindingExceptions: [Token]
  /// Limits of its TCP connections.
  package let timeouts: StreamTimeouts
  /// The linked plugins.
  package let chain: Chain
  /// What sees the refusal of queries that no server block is for; `nil` when nothing does.
  package let unrouted: Chain?
}

/// Sets up every server block of a parsed Corefile; starts nothing. Problems, the parser's
/// included, end up in the set-up's diagnostics, all of them at once.
package func setUpBlocks(
  _ corefile: ParsedCorefile, _ setup: inout ServerSetup
) -> [BlockPlan] {
  setup.diagnostics += corefile.diagnostics
  return corefile.blocks.map { setUpBlock($0, &setup) }
}

private func setUpBlock(_ block: ServerBlock, _ setup: inout ServerSetup) -> BlockPlan {
  let zones = block.addresses.compactMap { DomainName(text: $0.zone) }
  var blockSetup = BlockSetup(block: block, zones: zones, defaultPort: setup.defaultPort)
  let entries = Dictionary(uniqueKeysWithValues: pluginOrder.map { ($0.name, $0) })
  var directives: [String: [Directive]] = [:]
  for directive in block.directives {
    let name = directive.name.text
    let current = deprecatedPluginNames[name] ?? name
    if current != name {
      setup.diagnostics.append(
        Diagnostic(
          .warning, at: directive.name.position,
          "\(name) is deprecated and read as \(current): use \(current)"))
    }
    if entries[current] == nil {
      setup.diagnostics.append(unknownPlugin(directive))
    } else {
      directives[current, default: []].append(directive)
    }
  }
  for entry in pluginOrder {
    guard let list = directives[entry.name] else { continue }
    apply(entry, list, &blockSetup, &setup)
  }
  return BlockPlan(
    block: block, addresses: block.addresses, zones: zones, bindings: blockSetup.bindings,
    bindingExceptions: blockSetup.bindingExceptions,
    timeouts: blockSetup.timeouts, chain: Chain(blockSetup.factories),
    unrouted: blockSetup.unroutedFactories.isEmpty ? nil : Chain(blockSetup.unroutedFactories))
}

private func apply(
  _ entry: PluginEntry, _ directives: [Directive], _ block: inout BlockSetup,
  _ setup: inout ServerSetup
) {
  switch entry {
  case .notBuilt(let name, let severity):
    let effect =
      severity == .error
      ? "without it answers could be wrong or exposed" : "this line has no effect"
    for directive in directives {
      setup.diagnostics.append(
        Diagnostic(
          severity, at: directive.name.position,
          "\(name) is a CoreDNS plugin that is not built yet: \(effect)"))
    }
  case .built(let definition):
    if !definition.mayRepeat, let second = directives.dropFirst().first {
      setup.diagnostics.append(
        second.error("\(definition.name) stands twice in this server block; once is the most"))
    }
    let factoryCount = block.factories.count
    do throws(Diagnostic) {
      try definition.setUp(directives, &block, &setup)
      block.nameHandlers(from: factoryCount, definition.name)
    } catch {
      setup.diagnostics.append(error)
    }
  }
}

private func unknownPlugin(_ directive: Directive) -> Diagnostic {
  let name = directive.name.text
  let known = pluginOrder.map(\.name) + deprecatedPluginNames.keys.sorted()
  let hint = nearestWord(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
  return directive.error("there is no plugin \(quotedForMessage(name))\(hint)")
}
