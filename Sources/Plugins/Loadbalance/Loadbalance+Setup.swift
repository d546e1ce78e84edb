import Corefile
import PluginChain

extension Loadbalance {
  private static let optionNames = ["reload", "prefer"]
  private static let reloadDefault = Duration.seconds(30)
  private static let reloadMax = Duration.seconds(86_400)
  /// Networks of `prefer`: each address is compared with all of them.
  private static let subnetCountMax = 64

  /// `loadbalance [round_robin|weighted WEIGHTFILE] { reload DURATION; prefer CIDR... }`.
  package static let definition = PluginDefinition("loadbalance", repetition: .last) {
    (directive, block, setup) throws(Diagnostic) in
    var weightFile: Token?
    if let policy = directive.arguments.first {
      let word = try policy.keyword(among: ["round_robin", "weighted"])
      try directive.requireArguments(word == "weighted" ? 2...2 : 1...1)
      if word == "weighted" { weightFile = directive.arguments.last }
    }
    var reload = reloadDefault
    var preferred: [Subnet] = []
    for option in directive.options ?? [] {
      switch option.name.text {
      case "reload":
        guard weightFile != nil else {
          throw option.error("reload belongs to the policy weighted, whose file it reads again")
        }
        reload = try option.onlyArgument().duration(in: .zero...reloadMax)
      case "prefer":
        try option.requireArguments(1...)
        for token in option.arguments { preferred.append(try Subnet(token)) }
        guard preferred.count <= subnetCountMax else {
          throw option.error("prefer has more than \(subnetCountMax) networks")
        }
      default: throw directive.unknownOption(option, known: optionNames)
      }
      try option.requireNoOptions()
    }
    let log = setup.log
    let root = block.root
    let table = weightFile.map {
      WeightTable(path: root.file($0.text), interval: reload, log: log)
    }
    if let table {
      setup.parts.append(
        Part(
          name: "loadbalance",
          prepare: { mode in if mode == .serve { try table.prepare() } },
          run: { await table.run() }))
    }
    block.factories.append { [preferred] in
      Loadbalance(weights: table, preferred: preferred, next: $0)
    }
  }
}
