import Corefile
import Plugins
import Upstreams

/// A `forward` directive read on its own; it begins on line 2, column 1.
enum ForwardReading {
  /// No file can be imported.
  private struct NoFiles: CorefileFiles {
    func read(_ path: String) throws(FileProblem) -> String { throw .notFound }
    func glob(_ pattern: String) -> [String] { [] }
  }

  /// The directive in `text`.
  static func configuration(_ text: String) throws -> ForwardConfiguration {
    let corefile = parseCorefile(
      ".:53 {\n\(text)\n}\n", file: "Corefile", environment: [:], files: NoFiles())
    guard corefile.diagnostics.isEmpty, let directive = corefile.blocks.first?.directives.first
    else { throw NoDirective(text: text) }
    return try ForwardConfiguration(directive)
  }

  /// The directive with one line in its block, which begins on line 3, column 3.
  static func option(_ line: String, to target: String = "192.0.2.1") throws
    -> ForwardConfiguration
  {
    try configuration("forward . \(target) {\n  \(line)\n}")
  }

  /// What is said of a directive that cannot be read, without the file's name; empty when it can.
  static func failure(_ text: String) throws -> String {
    do {
      _ = try configuration(text)
      return ""
    } catch let diagnostic as Diagnostic {
      return String(diagnostic.description.dropFirst("Corefile:".count))
    }
  }

  /// A text that is no directive.
  private struct NoDirective: Error {
    let text: String
  }
}

extension ForwardTarget {
  /// The target in words: `192.0.2.1:53`, `tls://192.0.2.1:853 dns.example`, `host dns.example.:53`,
  /// `file /etc/resolv.conf`.
  var words: String {
    var scheme = ""
    var name = ""
    if case .tls(let serverName) = transport {
      scheme = "tls://"
      name = serverName.map { " " + $0 } ?? ""
    }
    return switch place {
    case .address(let address): scheme + address.text + name
    case .host(let host, let port): "\(scheme)host \(host):\(port)" + name
    case .file(let path): "\(scheme)file \(path)"
    }
  }
}
