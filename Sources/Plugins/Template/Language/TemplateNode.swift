/// A part of a template, in the order of its text.
indirect enum TemplateNode: Sendable {
  /// Text as it is.
  case text(MarkedText)
  /// A value, printed unless it goes to a variable.
  case action(TemplatePipeline)
  /// `if`, or `with`, which also makes the value the dot.
  case condition(TemplatePipeline, isWith: Bool, then: [TemplateNode], otherwise: [TemplateNode])
  /// `range`.
  case range(TemplatePipeline, body: [TemplateNode], otherwise: [TemplateNode])
  /// `template` and `block`.
  case call(String, TemplatePipeline?)
  /// `break`.
  case leave
  /// `continue`.
  case skip
}

/// Commands, each of which takes the value of the one before as its last argument; and the
/// variables that the last value goes to.
struct TemplatePipeline: Sendable {
  /// Names with their dollar signs; two at most, and two only in `range`.
  var variables: [String] = []
  /// The variables are new ones (`:=`), not old ones (`=`).
  var declares = false
  /// One at least.
  var commands: [[TemplateOperand]] = []
}

/// A value in a command; the first of several may be a function or a method.
indirect enum TemplateOperand: Sendable {
  /// `.`.
  case dot
  /// `nil`.
  case null
  /// `true` and `false`.
  case bool(Bool)
  /// A number or a character.
  case number(TemplateNumber)
  /// A quoted text.
  case text(MarkedText)
  /// `.A.B` of the dot.
  case field([String])
  /// `$x.A.B`.
  case variable(String, fields: [String])
  /// A function.
  case function(TemplateFunction)
  /// `(...)`.
  case group(TemplatePipeline)
  /// `(...).A.B`.
  case member(TemplateOperand, fields: [String])
}

/// The functions that templates have: Go's without `call`, and CoreDNS's.
enum TemplateFunction: String, CaseIterable, Sendable {
  case and, or, not
  case equal = "eq"
  case unequal = "ne"
  case less = "lt"
  case lessOrEqual = "le"
  case greater = "gt"
  case greaterOrEqual = "ge"
  case count = "len"
  case index, slice
  case text = "print"
  case line = "println"
  case format = "printf"
  case html
  case javaScript = "js"
  case urlQuery = "urlquery"
  case parseInt
}
