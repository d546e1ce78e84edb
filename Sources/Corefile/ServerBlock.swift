/// Zones, and the directives that say how they are served.
package struct ServerBlock: Sendable {
  /// The keys as written (commas removed), at least one.
  package var keys: [Token]
  /// The zones of the keys in order; a CIDR key can be up to 128. Keys in error are left out.
  package var addresses: [ZoneAddress]
  /// The directives in the order of the text, imports in place.
  package var directives: [Directive]

  /// A server block.
  package init(keys: [Token], addresses: [ZoneAddress], directives: [Directive]) {
    self.keys = keys
    self.addresses = addresses
    self.directives = directives
  }
}

/// A line of a server block: a name, arguments, perhaps a `{ }` block of further lines.
///
/// The lines of the block are directives again, nested at most `CorefileLimits.nestingDepthMax`.
package struct Directive: Sendable, Hashable {
  /// The first word of the line: a plugin's name, or an option's.
  package var name: Token
  /// The other words of the line.
  package var arguments: [Token]
  /// The lines of the block; `nil` when there is no block, empty for `{ }`.
  package var options: [Directive]?

  /// A directive.
  package init(name: Token, arguments: [Token] = [], options: [Directive]? = nil) {
    self.name = name
    self.arguments = arguments
    self.options = options
  }

  /// Where the directive starts.
  package var position: SourcePosition { name.position }
}
