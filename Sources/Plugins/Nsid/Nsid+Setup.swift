import Corefile
import Files
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

  /// The kernel's name of this host.
  private static func hostName() -> String {
    let octets = try? PosixFile.read("/proc/sys/kernel/hostname", octetCountMax: 1 << 12).octets
    let text = String(decoding: octets ?? [], as: UTF8.self)
    return text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "localhost"
  }
}
