import DNSWire

/// A plugin that can say what it knows about a name of its zones.
package protocol NameFacts: Sendable {
  /// The zone that Pods have in their search path.
  var searchZone: DomainName { get }
  /// What is known about each part of the name, a line each; `nil` when it is in none of the zones.
  func facts(about name: DomainName) -> [String]?
}
