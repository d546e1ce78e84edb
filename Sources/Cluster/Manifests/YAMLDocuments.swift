import Yams

/// Reads YAML text into pruned values, one a document.
///
/// libyaml refuses more than 1,000 levels of nesting, which bounds the recursion of Yams' composer;
/// callers give it a thread with room for that (`PosixThread`).
struct YAMLDocuments {
  private let keptFields: any KeptFields.Type
  private var valueCount = 0

  /// Reads the fields of a manifest, or others.
  init(keeping fields: any KeptFields.Type = ManifestFields.self) { keptFields = fields }

  /// The documents of `text` in order; an empty document is `null`. `lineCount` lines of the file
  /// come before it. The limit of values holds for all calls together.
  mutating func read(
    _ text: ArraySlice<UInt8>, after lineCount: Int = 0
  ) throws(ManifestFormatProblem) -> [ManifestValue] {
    var documents: [ManifestValue] = []
    do {
      // `.basic` leaves plain scalars as they are: `YAMLScalar` decides, and no regular
      // expression runs.
      let parser = try Parser(
        yaml: String(decoding: text, as: UTF8.self), resolver: .basic, encoding: .utf8)
      while let root = try parser.nextRoot() {
        documents.append(try value(root, depth: 0, below: ""))
      }
    } catch let problem as ManifestFormatProblem {
      throw ManifestFormatProblem(document: documents.count, message: problem.message)
    } catch {
      let message = Self.message(of: error, after: lineCount)
      throw ManifestFormatProblem(document: documents.count, message: message)
    }
    return documents
  }

  // MARK: - Nodes to values

  private mutating func value(
    _ node: Node, depth: Int, below parent: String
  ) throws(ManifestFormatProblem) -> ManifestValue {
    guard depth <= ManifestFields.depthMax else {
      throw ManifestFormatProblem(
        message: "fields are nested deeper than \(ManifestFields.depthMax) levels")
    }
    valueCount += 1
    guard valueCount <= ManifestFields.valueCountMax else {
      throw ManifestFormatProblem(
        message: "there are more than \(ManifestFields.valueCountMax) values, aliases written out")
    }
    switch node {
    case .scalar(let scalar): return Self.value(of: scalar)
    case .alias: return .null
    case .sequence(let sequence):
      var elements: [ManifestValue] = []
      elements.reserveCapacity(sequence.count)
      for element in sequence {
        elements.append(try value(element, depth: depth + 1, below: ""))
      }
      return .list(elements)
    case .mapping(let mapping): return .map(try fields(mapping, depth: depth, below: parent))
    }
  }

  private mutating func fields(
    _ mapping: Node.Mapping, depth: Int, below parent: String
  ) throws(ManifestFormatProblem) -> [String: ManifestValue] {
    var fields: [String: ManifestValue] = [:]
    var bases: [Node] = []
    for (key, node) in mapping {
      guard case .scalar(let name) = key else { continue }
      if name.string == "<<", name.style == .plain {
        bases.append(node)
      } else if keptFields.keeps(name.string, below: parent) {
        fields[name.string] = try value(node, depth: depth + 1, below: name.string)
      }
    }
    for base in bases { try merge(base, into: &fields, depth: depth, below: parent) }
    return fields
  }

  /// YAML's merge key: the fields of a mapping, or of each of a list of mappings, where they are
  /// not there yet.
  private mutating func merge(
    _ base: Node, into fields: inout [String: ManifestValue], depth: Int, below parent: String
  ) throws(ManifestFormatProblem) {
    var mappings: [Node.Mapping] = []
    switch base {
    case .mapping(let mapping): mappings = [mapping]
    case .sequence(let sequence): mappings = sequence.compactMap(\.mapping)
    case .scalar, .alias: break
    }
    for mapping in mappings {
      guard
        case .map(let inherited) = try value(
          .mapping(mapping), depth: depth + 1, below: parent)
      else { continue }
      fields.merge(inherited) { own, _ in own }
    }
  }

  private static func value(of scalar: Node.Scalar) -> ManifestValue {
    let tag = scalar.tag.rawValue
    let isImplicit = tag.isEmpty && (scalar.style == .plain || scalar.style == .any)
    let isTyped = [Tag.Name.bool, .int, .float, .null].contains { $0.rawValue == tag }
    return isImplicit || isTyped
      ? YAMLScalar.value(ofPlain: scalar.string) : .text(scalar.string)
  }

  // MARK: - Problems

  /// Yams' error in one line. Its own description quotes the text at length.
  private static func message(of error: any Error, after lineCount: Int) -> String {
    guard let error = error as? YamlError else { return "the YAML text cannot be read" }
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let circumstance = context.map { "\($0.text), " } ?? ""
      return "\(place(mark, after: lineCount)): \(circumstance)\(problem)"
    case .reader(let problem, _, _, _): return problem
    case .duplicatedKeysInMapping(let keys, let context):
      let key = ManifestText.quoted(keys.first ?? "")
      return "\(place(context.mark, after: lineCount)): the key \(key) stands twice"
    default: return "the YAML text cannot be read"
    }
  }

  private static func place(_ mark: Mark, after lineCount: Int) -> String {
    "line \(mark.line &+ lineCount), column \(mark.column)"
  }
}
