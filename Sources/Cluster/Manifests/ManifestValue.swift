/// One value of a manifest, from YAML or JSON, pruned to the fields that DNS objects are read from.
indirect enum ManifestValue: Hashable, Sendable {
  /// Absent, `null`, `~` or nothing after the colon.
  case null
  /// A boolean.
  case bool(Bool)
  /// An integer in decimal notation.
  case integer(Int64)
  /// Any other number, as it is written.
  case number(String)
  /// Text.
  case text(String)
  /// A list.
  case list([ManifestValue])
  /// A mapping with text keys; keys outside `ManifestFields` are left out.
  case map([String: ManifestValue])

  /// The value of `key`; `null` when this is no mapping or has no such key.
  subscript(key: String) -> ManifestValue {
    guard case .map(let fields) = self, let value = fields[key] else { return .null }
    return value
  }

  /// What this is, for a problem's text: `the text "x"`, `a list`.
  var summary: String {
    switch self {
    case .null: "nothing"
    case .bool(let value): "the boolean \(value)"
    case .integer(let value): "the number \(value)"
    case .number(let text): "the number \(ManifestText.quoted(text))"
    case .text(let text): "the text \(ManifestText.quoted(text))"
    case .list: "a list"
    case .map: "a mapping"
    }
  }
}

/// Decides which fields of a text enter a `ManifestValue`.
protocol KeptFields {
  /// Whether a field of this name is kept below a field named `parent`.
  static func keeps(_ name: String, below parent: String) -> Bool
}

/// Which fields enter a `ManifestValue`, and how much of them.
///
/// Everything else (Pod specs, status, annotations, whole objects of other kinds but for their
/// head) is dropped while the text is read, which bounds memory, depth and work at once.
enum ManifestFields: KeptFields {
  /// The deepest nesting of kept fields. DNS objects in a List reach nine; Lists may nest.
  static let depthMax = 24
  /// The most values kept of one file, aliases written out.
  static let valueCountMax = 4_000_000

  /// Whether a field of this name is kept below a field named `parent`.
  static func keeps(_ name: String, below parent: String) -> Bool {
    parent == labels || names.contains(name)
  }

  /// The one field whose keys are data, not names of fields.
  static let labels = "labels"

  private static let names: Set<String> = [
    "apiVersion", "kind", "items", "metadata", "name", "namespace", labels, "uid",
    "spec", "type", "selector", "ips", "clusterIP", "clusterIPs", "externalName",
    "publishNotReadyAddresses",
    "ports", "port", "protocol",
    "addressType", "endpoints", "addresses", "hostname", "conditions", "ready", "targetRef",
    "status", "phase", "podIP", "podIPs", "ip",
  ]
}

/// Why a file could not be read as a manifest, in words for people.
struct ManifestFormatProblem: Error, Hashable, Sendable {
  /// The document in which reading stopped, 1 for the first; `nil` when it concerns the file.
  var document: Int?
  /// What is wrong.
  let message: String
}

/// Text for problems, and the limit of what is read.
enum ManifestText {
  /// The largest file that is read, in octets: 64 MiB.
  static let octetCountMax = 64 << 20
  private static let quotedCharacterCountMax = 80

  /// `text` in double quotes, cut after 80 characters, control characters written as `\u{..}`.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars.prefix(quotedCharacterCountMax) {
      if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
        quoted += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        quoted.unicodeScalars.append(scalar)
      }
    }
    let isCut = text.unicodeScalars.count > quotedCharacterCountMax
    return quoted + (isCut ? "...\"" : "\"")
  }
}
