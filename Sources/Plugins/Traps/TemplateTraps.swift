import Corefile

/// Traps of `template`.
enum TemplateTraps {
  /// NXDOMAIN for one type: it denies the name with all its types (RFC 8020 §2).
  @Sendable static func deniedTypes(_ block: TrapBlock, _ view: TrapView) -> [Diagnostic] {
    block.directives("template").compactMap { directive in
      guard let type = directive.arguments.dropFirst().first?.text.uppercased(), type != "ANY",
        let code = directive.options("rcode").first?.arguments.first,
        code.text.uppercased() == "NXDOMAIN"
      else { return nil }
      return Diagnostic(
        .warning, at: directive.position,
        "NXDOMAIN for \(type) says that the name does not exist, for any type; "
          + "rcode NOERROR without an answer denies \(type) alone")
    }
  }
}
