import DNSWire

/// One record of a `template` directive: as much of it read at load as does not depend on queries.
struct RecordTemplate: Sendable {
  /// Where the record comes from.
  enum Source: Sendable {
    /// The same for all queries.
    case constant(ResourceRecord)
    /// The same for all queries but for the owner, which is the name asked for.
    case ownedByQuestion(ResourceRecord)
    /// Made for each query.
    case made(GoTemplate)
  }

  /// Why there is no record.
  enum Failure: Error, Equatable {
    /// The template failed.
    case template(TemplateFailure)
    /// What it made is no record.
    case record(RecordProblem)
    /// The text is no template; only at load.
    case text(TemplateProblem)
  }

  /// What `.Question` and `.Message` need: the name with the client's case.
  private static let questionFields = ["Question", "Message"]

  /// Where the record comes from.
  let source: Source
  /// The template's text, for metrics.
  let text: String
  /// Whether the template may look at the message.
  let usesQuestion: Bool

  /// Reads a template; a record without actions must be one.
  init(_ text: String) throws(Failure) {
    self.text = text
    usesQuestion = Self.questionFields.contains { text.contains($0) }
    let template: GoTemplate
    do throws(TemplateProblem) {
      template = try GoTemplate(text)
    } catch {
      throw .text(error)
    }
    do throws(RecordProblem) {
      if let constant = template.constant {
        guard let record = try RecordReader.read(constant) else {
          throw RecordProblem("there is none")
        }
        source = .constant(record)
      } else if let rest = template.constantBehindName,
        let record = try RecordReader.read(behindOwner: rest)
      {
        source = .ownedByQuestion(record)
      } else {
        source = .made(template)
      }
    } catch {
      throw .record(error)
    }
  }

  /// The type of the record, where it is always the same.
  var type: RRType? {
    switch source {
    case .constant(let record), .ownedByQuestion(let record): record.type
    case .made: nil
    }
  }

  /// The record that a template makes for a query; `nil` when it makes none.
  static func make(
    _ template: GoTemplate, _ data: TemplateData
  ) throws(Failure) -> ResourceRecord? {
    let text: MarkedText
    do throws(TemplateFailure) {
      text = try template.expand(data)
    } catch {
      throw .template(error)
    }
    do throws(RecordProblem) {
      return try RecordReader.read(text)
    } catch {
      throw .record(error)
    }
  }
}
