import DNSWire
import PluginChain

/// `template`: answers from templates. Each directive is a rule; the first whose zone, type and
/// expression fit decides.
final class Template: Handler, @unchecked Sendable {
  private let rules: [TemplateRule]
  /// The zones of all rules, so that most names cost one look.
  private let zones: ZoneSet

  /// A handler of rules in their order; `zones` are those of all of them.
  init(_ rules: [TemplateRule], zones: [DomainName], next: Handler?) {
    self.rules = rules
    self.zones = ZoneSet(zones)
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    guard zones.covers(exchange.name), exchange.classCode == .internet else {
      return passOn(&exchange)
    }
    for number in rules.indices {
      switch rules[number].verdict(&exchange) {
      case .other, .fallsThrough: continue
      case .fails:
        exchange.fail(
          .serverFailure, .other, "no match of a template that has no fallthrough")
        return answered(&exchange)
      case .decides(let zone, let pattern):
        rules[number].answer(&exchange, zone: zone, pattern: pattern)
        return answered(&exchange)
      }
    }
    return passOn(&exchange)
  }
}
