import Corefile
import PluginChain

extension Timeouts {
  private static let optionNames = ["read", "write", "idle", "maxtcpqueries"]
  /// CoreDNS's bounds.
  private static let range = Duration.seconds(1)...Duration.seconds(86_400)

  /// `timeouts { read DURATION; write DURATION; idle DURATION; maxtcpqueries COUNT }`.
  package static let definition = PluginDefinition("timeouts") {
    (directive, block, _) throws(Diagnostic) in
    try directive.requireArguments(0...0)
    let options = directive.options ?? []
    guard !options.isEmpty else {
      throw directive.error(
        "found no options, expected some of timeouts's: \(optionNames.joined(separator: ", "))")
    }
    for option in options {
      switch option.name.text {
      case "read": block.timeouts.readNanoseconds = try nanoseconds(option)
      case "write": block.timeouts.writeNanoseconds = try nanoseconds(option)
      case "idle": block.timeouts.idleNanoseconds = try nanoseconds(option)
      case "maxtcpqueries": block.timeouts.queryCountMax = try queryCount(option)
      default: throw directive.unknownOption(option, known: optionNames)
      }
      try option.requireNoOptions()
    }
  }

  /// A duration; a bare number is seconds, as CoreDNS reads it here.
  private static func nanoseconds(_ option: Directive) throws(Diagnostic) -> UInt64 {
    var token = try option.onlyArgument()
    if Int(token.text) != nil { token.text += "s" }
    let parts = try token.duration(in: range).components
    return UInt64(parts.seconds) * 1_000_000_000 + UInt64(parts.attoseconds / 1_000_000_000)
  }

  /// A number of queries; -1 is no limit.
  private static func queryCount(_ option: Directive) throws(Diagnostic) -> Int {
    let token = try option.onlyArgument()
    let count = try token.integer(in: -1...Int(Int32.max))
    guard count != 0 else {
      throw token.error("found 0, expected -1 (no limit) or a number of queries from 1 on")
    }
    return count > 0 ? count : .max
  }
}
