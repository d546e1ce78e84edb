import Corefile
import PluginChain

extension Nsid {
  /// `nsid [DATA...]`, by default the name of the host.
  package static let definition = PluginDefinition("nsid") {
    (directive, block, _) throws(Diagnostic) in
    try directive.requireNoOptions()
    var text = directive.arguments.map(\.text).joined(separator: " ")
    guard text.utf8.count <= octetCountMax else {
      throw directive.error(
        "found \(text.utf8.count) octets of data, expected at most \(octetCountMax)")
    }
    if directive.arguments.isEmpty { text = hostName() }
    block.factories.append { [text] in Nsid(text, next: $0) }
  }
}
