/// Why a text is no template: a few words, and where.
package struct TemplateProblem: Error, Equatable, CustomStringConvertible {
  /// The words.
  package let description: String

  /// A problem with its words.
  init(_ description: String) { self.description = description }

  /// A problem at an octet of the template; the first has the number 1.
  init(_ description: String, at offset: Int) {
    self.description = "\(description) (at octet \(offset + 1))"
  }
}

/// Why a template gave no text for a query.
package struct TemplateFailure: Error, Equatable, CustomStringConvertible {
  /// The words.
  package let description: String

  /// A failure with its words.
  init(_ description: String) { self.description = description }
}

/// Bounds of templates; all far above any in use.
enum TemplateLimits {
  /// Octets of a template's text.
  static let textOctetCountMax = 16_384
  /// Blocks and parentheses within each other; reading and running them recurses.
  static let depthMax = 20
  /// The same in a run, with the templates that call each other: it happens on a worker's stack,
  /// which has one mebibyte.
  static let runDepthMax = 40
  /// Work for one text: a unit for each step and for each octet that is made on the way.
  static let workMax = 200_000
  /// Octets of the text that comes out.
  static let outputOctetCountMax = 16_384
  /// Widths and precisions of `printf`.
  static let widthMax = 1_000
  /// Values of one list in an action.
  static let argumentCountMax = 100
}
