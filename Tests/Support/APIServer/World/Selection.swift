/// The objects that a list or watch is about.
struct Selection: Sendable {
  /// The kind.
  let kind: ResourceKind
  /// The namespace; empty for all.
  var namespace = ""
  private var labels: [LabelRequirement] = []
  private var fields: [FieldRequirement] = []

  /// The objects of a kind that selectors choose.
  init(
    _ kind: ResourceKind, namespace: String = "", labelSelector: String = "",
    fieldSelector: String = ""
  ) throws(Refusal) {
    self.kind = kind
    self.namespace = namespace
    for term in SelectorText.terms(labelSelector) {
      guard let requirement = LabelRequirement(term) else {
        throw .badRequest("unable to parse requirement: \(term)")
      }
      labels.append(requirement)
    }
    for term in SelectorText.terms(fieldSelector) {
      guard let requirement = FieldRequirement(term, kind) else {
        throw .badRequest("field label not supported: \(term)")
      }
      fields.append(requirement)
    }
  }

  /// Whether every object of the kind is chosen.
  var choosesAll: Bool { namespace.isEmpty && !hasSelectors }

  /// Whether there are selectors.
  var hasSelectors: Bool { !labels.isEmpty || !fields.isEmpty }

  /// Whether an object is chosen.
  func chooses(_ stored: StoredObject) -> Bool {
    let object = stored.object
    return (namespace.isEmpty || namespace == object.namespace)
      && labels.allSatisfy { $0.holds(object.labels) } && fields.allSatisfy { $0.holds(object) }
  }
}

/// The terms of a selector.
enum SelectorText {
  /// The terms between commas; commas in parentheses do not count.
  static func terms(_ text: String) -> [String] {
    var terms: [String] = []
    var term = ""
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 {
        terms.append(term)
        term = ""
      } else {
        term.append(character)
      }
    }
    terms.append(term)
    return terms.filter { !$0.isEmpty }
  }
}

/// One term of a label selector.
private struct LabelRequirement {
  let name: String
  /// The values of which one must be there; `nil` when any will do.
  let values: [String]?
  let isNegated: Bool

  init?(_ term: String) {
    let words = term.split(separator: " ")
    if words.count >= 3, words[1] == "in" || words[1] == "notin" {
      let list = words[2...].joined().trimmingPrefix("(").split { $0 == "," || $0 == ")" }
      self.init(name: words[0], values: list.map(String.init), isNegated: words[1] == "notin")
    } else if let range = term.firstRange(of: "!=") {
      self.init(
        name: term[..<range.lowerBound], values: [String(term[range.upperBound...])],
        isNegated: true)
    } else if let range = term.firstRange(of: "==") ?? term.firstRange(of: "=") {
      self.init(
        name: term[..<range.lowerBound], values: [String(term[range.upperBound...])],
        isNegated: false)
    } else {
      let name = term.trimmingPrefix("!")
      self.init(name: name, values: nil, isNegated: name.count < term.count)
    }
    if name.isEmpty || name.contains(" ") { return nil }
  }

  private init(name: Substring, values: [String]?, isNegated: Bool) {
    self.name = String(name)
    self.values = values
    self.isNegated = isNegated
  }

  func holds(_ labels: [String: String]) -> Bool {
    let value = labels[name]
    let isThere = value.map { values?.contains($0) ?? true } ?? false
    return isThere != isNegated
  }
}

/// One term of a field selector.
private struct FieldRequirement {
  let name: String
  let value: String
  let isNegated: Bool

  init?(_ term: String, _ kind: ResourceKind) {
    isNegated = term.contains("!=")
    let parts = term.split(separator: "=", maxSplits: 2).map { $0.filter { $0 != "!" } }
    guard let name = parts.first else { return nil }
    let known = ["metadata.name", "metadata.namespace"] + (kind == .pods ? ["status.phase"] : [])
    guard known.contains(name) else { return nil }
    self.name = name
    value = parts.count > 1 ? parts[parts.count - 1] : ""
  }

  func holds(_ object: SimulatedObject) -> Bool {
    let found =
      switch name {
      case "metadata.name": object.name
      case "metadata.namespace": object.namespace
      default: object.phase
      }
    return (found == value) != isNegated
  }
}

extension SimulatedObject {
  /// A Pod's phase; empty for everything else.
  fileprivate var phase: String {
    switch body {
    case .pod(let pod): pod.phase
    case .tree(let tree): tree["status"]["phase"].text
    default: ""
    }
  }
}
