/// A Kubernetes label selector: requirements that must all hold.
///
/// The grammar is that of the API's `labelSelector` parameter: `a=b`, `a==b`, `a!=b`,
/// `a in (x,y)`, `a notin (x,y)`, `a`, `!a`, `a>1`, `a<1`, joined by commas, with blanks anywhere
/// between the parts. The empty selector matches everything.
package struct LabelSelector: Hashable, Sendable {
  /// The longest selector text, in octets.
  package static let textOctetCountMax = 65_536

  /// The requirements in the order of the text.
  let requirements: [LabelRequirement]

  /// The selector that matches everything.
  package init() { requirements = [] }

  /// Parses selector text; a problem names the first octet that does not fit.
  package init(parsing text: String) throws(SelectorProblem) {
    guard text.utf8.count <= Self.textOctetCountMax else {
      throw SelectorProblem(
        offset: Self.textOctetCountMax,
        expectation: "the end: a selector has at most \(Self.textOctetCountMax) octets")
    }
    var parser = LabelSelectorParser(text)
    requirements = try parser.requirements()
  }

  /// Whether every requirement holds for these labels.
  package func matches(_ labels: [String: String]) -> Bool {
    requirements.allSatisfy { $0.holds(for: labels[$0.key]) }
  }
}

/// Where selector text stops being a selector, and what could stand there.
package struct SelectorProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The octet at which the text stops fitting; the text's length when it ends too early.
  package let offset: Int
  /// What could stand there, in words that follow "expected".
  package let expectation: String

  /// A problem from its parts.
  package init(offset: Int, expectation: String) {
    self.offset = offset
    self.expectation = expectation
  }

  /// The problem in one line.
  package var description: String { "at octet \(offset): expected \(expectation)" }
}

/// One requirement of a selector.
struct LabelRequirement: Hashable, Sendable {
  /// What is required of the label's value.
  enum Condition: Hashable, Sendable {
    /// The label is there.
    case exists
    /// The label is not there.
    case absent
    /// The label is there with one of these values.
    case oneOf(Set<String>)
    /// The label is not there, or has none of these values.
    case noneOf(Set<String>)
    /// The label is there and is an integer above this one.
    case above(Int64)
    /// The label is there and is an integer below this one.
    case below(Int64)
  }

  /// The label's key.
  let key: String
  /// What is required of it.
  let condition: Condition

  /// Whether a label with this value (`nil`: no such label) satisfies the requirement.
  func holds(for value: String?) -> Bool {
    switch condition {
    case .exists: value != nil
    case .absent: value == nil
    case .oneOf(let values): value.map(values.contains) ?? false
    case .noneOf(let values): !(value.map(values.contains) ?? false)
    case .above(let bound): value.flatMap { Int64($0) }.map { $0 > bound } ?? false
    case .below(let bound): value.flatMap { Int64($0) }.map { $0 < bound } ?? false
    }
  }
}
