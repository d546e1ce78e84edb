import DNSWire

/// One rule of `rewrite`.
struct RewriteRule: Sendable {
  /// What it does.
  enum Action: Sendable {
    /// Another name is asked for; what becomes of the names in the reply.
    case name(NameRewriting, AnswerRewriting)
    /// Another type and class.
    case question(RRType?, RRClass?)
    /// The TTLs of the reply are brought into a range.
    case ttl(ClosedRange<UInt32>)
    /// One response code becomes another.
    case code(from: ResponseCode, to: ResponseCode)
    /// Aliases in the reply lead elsewhere.
    case alias(NameRewriting)
    /// An EDNS option of the query.
    case option(OptionRewriting)
  }

  /// The rules after it do not apply where it does.
  let stops: Bool
  /// The names that it is for.
  var match = RewriteMatch.every
  /// The type that it is for; 0 is every type.
  var type: UInt16 = 0
  /// The class that it is for; 0 is every class.
  var classCode: UInt16 = 0
  /// What it does.
  let action: Action
}

/// What becomes of the names in a reply to a question whose name was rewritten.
struct AnswerRewriting: Sendable {
  /// A rule for names in records.
  struct Rule: Sendable {
    /// For owners, or else for the names that records point to.
    let isForOwners: Bool
    /// What becomes of them.
    let rewriting: NameRewriting
  }

  /// The rewritten name and those below it become the name that it was.
  var reverts = false
  /// In the order of the Corefile; they apply in the other order.
  var rules: [Rule] = []
}
