/// `bind`: the addresses and interfaces that a server block listens on. It has no handler: the
/// server resolves interfaces when it starts.
package enum Bind {}
