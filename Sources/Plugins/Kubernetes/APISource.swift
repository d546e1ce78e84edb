import Cluster
import Corefile

/// Where the API server is, as a `kubernetes` block says it: `kubeconfig`, `endpoint` with `tls`,
/// or nothing, which is the server of the cluster that this process runs in.
struct APISource {
  /// The block.
  let directive: Token
  /// `kubeconfig`: the file, and perhaps the context.
  private(set) var kubeconfig: [Token] = []
  /// `endpoint`: the URL.
  private(set) var endpoint: Token?
  /// `tls`: certificate, key and authority.
  private(set) var tls: [Token] = []
  /// How fast and how much at once may be asked.
  private(set) var limits = RequestLimits()

  /// The options that are read here.
  static let optionNames = [
    "endpoint", "tls", "kubeconfig", "apiserver_qps", "apiserver_burst", "apiserver_max_inflight",
  ]

  /// The largest number of requests that an option may name.
  private static let requestCountMax = 1_000_000

  /// What a block without options says.
  init(_ directive: Token) { self.directive = directive }

  /// Whether the block leaves it to the environment.
  var isImplicit: Bool { kubeconfig.isEmpty && endpoint == nil }

  /// Where the Corefile says it.
  var place: Token { kubeconfig.first ?? endpoint ?? directive }

  /// Reads an option; `false` when it is none of these.
  mutating func read(_ option: Directive) throws(Diagnostic) -> Bool {
    switch option.name.text {
    case "endpoint":
      try option.requireArguments(1...)
      // CoreDNS took several once, and uses the first of them.
      endpoint = option.arguments.first
    case "tls":
      try option.requireArguments(3...3)
      tls = option.arguments
    case "kubeconfig":
      try option.requireArguments(1...2)
      kubeconfig = option.arguments
    case "apiserver_qps":
      let token = try option.onlyArgument()
      guard let rate = Double(token.text), rate.isFinite, rate >= 0 else {
        throw token.error(
          "found \(quotedForMessage(token.text)), expected a number of queries a second")
      }
      if rate > 0 { limits.ratePerSecond = rate }
    case "apiserver_burst":
      let count = try option.onlyArgument().integer(in: 0...Self.requestCountMax)
      if count > 0 { limits.burst = count }
    case "apiserver_max_inflight":
      let count = try option.onlyArgument().integer(in: 0...Self.requestCountMax)
      if count > 0 { limits.inflightMax = count }
    default: return false
    }
    return true
  }

  /// What tells one cluster from another.
  var savedTerms: [String] {
    ["endpoint \(endpoint?.text ?? "")", "kubeconfig \(kubeconfig.map(\.text))"]
  }

  /// How the server is reached and what it is told; reads the files.
  func configuration() throws(APIServerConfigurationProblem) -> APIServerConfiguration {
    var files: APIServerConfiguration.TLSFiles?
    if tls.count == 3 {
      files = APIServerConfiguration.TLSFiles(
        certificate: tls[0].text, key: tls[1].text, authority: tls[2].text)
    }
    let context = kubeconfig.count > 1 ? kubeconfig[1].text : nil
    var configuration = try APIServerConfiguration.chosen(
      kubeconfig: kubeconfig.first.map { ($0.text, context) }, endpoint: endpoint?.text, tls: files)
    configuration.limits = limits
    return configuration
  }
}
