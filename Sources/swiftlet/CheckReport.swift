import Corefile
import PluginChain
import Plugins

/// What there is to say about a Corefile.
struct CheckReport {
  /// The file's name in messages.
  let path: String
  /// Everything found, by file in the order of reading, then by line and column; nothing twice.
  let diagnostics: [Diagnostic]
  private let plugins: [SourcePosition: String]

  /// The whole, in a word.
  enum Result: String {
    /// Nothing, or only infos.
    case good
    /// Warnings; the server starts.
    case warnings
    /// Errors; the server does not start.
    case errors
    /// There is no text to look at.
    case unreadable
  }

  /// The report on a Corefile that could be read.
  init(_ loaded: LoadedCorefile) {
    path = loaded.path
    var found = loaded.setup.diagnostics
    do {
      _ = try listeners(
        loaded.blocks, ownZones: loaded.setup.ownZones.zones, defaultPort: 53, isOffline: true)
    } catch {
      found.append(error)
    }
    found += findTraps(loaded.corefile.blocks, machine: .here)
    diagnostics = Self.sorted(found, files: loaded.corefile.files)
    plugins = Self.plugins(of: loaded.corefile)
  }

  /// The whole, in a word.
  var result: Result {
    if diagnostics.contains(where: { $0.severity == .error }) { return .errors }
    return diagnostics.contains { $0.severity == .warning } ? .warnings : .good
  }

  private static func sorted(_ found: [Diagnostic], files: [String]) -> [Diagnostic] {
    var ranks: [String: Int] = [:]
    for (rank, file) in files.enumerated() where ranks[file] == nil { ranks[file] = rank }
    func key(_ diagnostic: Diagnostic) -> (Int, Int, Int) {
      let position = diagnostic.position
      return (ranks[position.file] ?? files.count, position.line, position.column)
    }
    var seen: Set<Diagnostic> = []
    return found.filter { seen.insert($0).inserted }.enumerated().sorted { left, right in
      let (one, two) = (key(left.element), key(right.element))
      return one == two ? left.offset < right.offset : one < two
    }.map(\.element)
  }

  // MARK: - Plugins

  /// The plugin whose directive has a word at a position.
  private static func plugins(of corefile: ParsedCorefile) -> [SourcePosition: String] {
    let known = Set(pluginOrder.map(\.name))
    var result: [SourcePosition: String] = [:]
    for directive in corefile.blocks.flatMap(\.directives) {
      let name = deprecatedPluginNames[directive.name.text] ?? directive.name.text
      guard known.contains(name) else { continue }
      // Blocks are nested to a bounded depth; a list of what is left needs no stack.
      var rest = [directive]
      while let next = rest.popLast() {
        result[next.position] = name
        for word in next.arguments { result[word.position] = name }
        rest += next.options ?? []
      }
    }
    return result
  }

  // MARK: - JSON

  /// One JSON object: `file`, `result`, `diagnostics`.
  var json: String {
    let list = diagnostics.map { problem in
      let position = problem.position
      return Self.object(
        file: position.file, line: position.line, column: position.column,
        problem.severity, problem.message, plugin: plugins[position])
    }
    return Self.report(path, result, list)
  }

  /// The object for a file that could not be read.
  static func unreadable(_ path: String, _ message: String) -> String {
    report(
      path, .unreadable,
      [object(file: path, line: nil, column: nil, .error, message, plugin: nil)])
  }

  private static func report(_ path: String, _ result: Result, _ list: [String]) -> String {
    let entries = list.isEmpty ? "" : "\n  " + list.joined(separator: ",\n  ") + "\n"
    return "{\"file\": \(JSONText.string(path)), \"result\": \"\(result.rawValue)\", "
      + "\"diagnostics\": [\(entries)]}"
  }

  private static func object(
    file: String, line: Int?, column: Int?, _ severity: Diagnostic.Severity, _ message: String,
    plugin: String?
  ) -> String {
    func number(_ value: Int?) -> String { value.map { "\($0)" } ?? "null" }
    return "{\"file\": \(JSONText.string(file)), \"line\": \(number(line)), "
      + "\"column\": \(number(column)), \"severity\": \"\(severity.rawValue)\", "
      + "\"plugin\": \(plugin.map(JSONText.string) ?? "null"), "
      + "\"message\": \(JSONText.string(message))}"
  }
}
