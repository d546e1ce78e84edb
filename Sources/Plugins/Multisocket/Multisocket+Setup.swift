import Corefile
import PluginChain

extension Multisocket {
  private static let socketCountMax = 1_024

  /// `multisocket [COUNT]`.
  package static let definition = PluginDefinition("multisocket") {
    (directive, _, setup) throws(Diagnostic) in
    try directive.requireArguments(0...1)
    try directive.requireNoOptions()
    _ = try directive.arguments.first?.integer(in: 1...socketCountMax)
    guard !setup.parts.contains(where: { $0.name == "multisocket" }) else { return }
    let (log, workerCount) = (setup.log, setup.workerCount)
    setup.parts.append(
      Part(
        name: "multisocket",
        prepare: { mode in
          guard mode == .serve else { return }
          log.write(
            .info,
            "plugin/multisocket: nothing to do: each of the \(workerCount) workers, one a core, "
              + "has sockets of its own on every address")
        }))
  }
}
