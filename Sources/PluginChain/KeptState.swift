import Corefile
import Synchronization

/// What plugins keep over a reload: caches, connections, counters, stores. A new set-up finds here
/// what the one before made for the same lines of the Corefile.
///
/// Values are only handed on. A set-up that is thrown away, because something in it is wrong,
/// leaves the one before as it was.
package final class KeptState: Sendable {
  private struct Contents {
    var values: [String: any Sendable] = [:]
    var before: [String: any Sendable]
    var useCounts: [String: Int] = [:]
  }

  private let contents: Mutex<Contents>

  /// The state of a set-up that follows another one, or none.
  package init(after before: KeptState? = nil) {
    let values = before?.contents.withLock { $0.values } ?? [:]
    contents = Mutex(Contents(before: values))
  }

  /// The value that the set-up before had for `key`, else a new one. The same key again within one
  /// set-up means the next of several equal lines.
  package func value<Value: Sendable, Failure: Error>(
    _ key: String, _ make: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try named(key, make).value
  }

  /// The same, with a name that no other value of the set-up has: for the part that runs for it
  /// (`Part.key`).
  package func named<Value: Sendable, Failure: Error>(
    _ key: String, _ make: () throws(Failure) -> Value
  ) throws(Failure) -> (name: String, value: Value) {
    let (name, old) = contents.withLock { contents in
      let count = contents.useCounts[key, default: 0]
      contents.useCounts[key] = count + 1
      let name = "\(key) #\(count)"
      return (name, contents.before[name])
    }
    let value: Value
    if let old = old as? Value { value = old } else { value = try make() }
    contents.withLock { $0.values[name] = value }
    return (name, value)
  }

  /// Forgets what nobody asked for: the set-up is in use now.
  package func settle() {
    // What goes, goes outside of the lock: its end may take a while.
    let before = contents.withLock { contents in
      defer { contents.before = [:] }
      return contents.before
    }
    _ = consume before
  }
}

extension BlockSetup {
  /// What must be equal for a directive's state to be kept: its own text with all options, the
  /// folder its files start from, and what else the plugin takes from its block.
  package func key(_ directive: Directive, _ others: [String] = []) -> String {
    ([directive.text, root.path ?? ""] + others).joined(separator: "\n")
  }
}

extension Directive {
  /// The directive in one form for all ways to write it.
  package var text: String {
    // A length before each word: no word can pass for two.
    let words = ([name] + arguments).map { "\($0.text.utf8.count):\($0.text)" }
    let lines = options?.map(\.text) ?? []
    return words.joined(separator: " ")
      + (lines.isEmpty ? "" : " {\(lines.joined(separator: ";"))}")
  }
}
