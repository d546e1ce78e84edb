import ArgumentParser

/// The command line: the bare command serves, as CoreDNS does.
@main
struct Swiftlet: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "swiftlet",
    abstract: "An authoritative DNS server for Kubernetes clusters.",
    discussion: "Without a subcommand it serves, with CoreDNS's flags.",
    subcommands: [Serve.self, Check.self, Dump.self],
    defaultSubcommand: Serve.self)
}
