import ArgumentParser
import Glibc

/// The command line: the bare command serves, as CoreDNS does.
@main
struct Swiftlet: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "swiftlet",
    abstract: "An authoritative DNS server for Kubernetes clusters.",
    discussion: "Without a subcommand it serves, with CoreDNS's flags.",
    subcommands: [Serve.self, Check.self, Dump.self, Explain.self],
    defaultSubcommand: Serve.self)

  /// Flags of all commands, as Go's flag package spells them: one dash or two, `=` or a space.
  private static let flags: Set<String> = [
    "conf", "dns.port", "p", "pidfile", "plugins", "version", "quiet", "format", "strict", "h",
    "help", "generate-completion-script", "client", "namespace", "status", "running", "ask",
  ]

  static func main() async {
    for argument in CommandLine.arguments.dropFirst() where argument.hasPrefix("-") {
      let name = argument.drop { $0 == "-" }.prefix { $0 != "=" }
      if name.isEmpty || flags.contains(String(name)) { continue }
      // The parser would read `-nosuchflag` as a row of one-letter flags.
      complain("swiftlet: flag provided but not defined: \(argument)")
      Glibc.exit(2)
    }
    await Self.main(nil)
  }
}
