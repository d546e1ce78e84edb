import Corefile
import Files
import PluginChain

extension Root {
  /// `root PATH`. A folder that is not there is a warning in the log: it may come later.
  package static let definition = PluginDefinition("root") {
    (directive, block, setup) throws(Diagnostic) in
    let path = try directive.onlyArgument().text
    try directive.requireNoOptions()
    block.root = RootFolder(path)
    let log = setup.log
    setup.parts.append(
      Part(
        name: "root",
        prepare: { mode in
          guard mode == .serve else { return }
          switch PosixFile.status(path) {
          case .folder: break
          case .missing: log.write(.warning, "plugin/root: there is no folder \(path)")
          case .file, .special: log.write(.warning, "plugin/root: \(path) is no folder")
          case .unknown(let words): log.write(.warning, "plugin/root: \(path): \(words)")
          }
        }))
  }
}
