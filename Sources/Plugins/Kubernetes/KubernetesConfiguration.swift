import Cluster
import Corefile
import DNSWire
import PluginChain

/// A `kubernetes` directive, read and checked.
struct KubernetesConfiguration {
  /// Options that change answers.
  var options = RecordOptions()
  /// All zones, in the order given.
  let zones: [DomainName]
  /// Which names go on to the next plugin.
  var handsOn = ZoneSet.none
  /// `manifests`: files and folders.
  var manifests: [Token] = []
  /// Where the API server is; without meaning when there are manifests.
  private(set) var api: APISource
  /// `labels` and `namespace_labels` as the API server is asked for them; empty without.
  private var selectors = (objects: "", namespaces: "")
  /// `multicluster`: those of the zones that hold what clusters have in common.
  private(set) var multiclusterZones: [DomainName] = []
  /// `snapshot`: the file that the objects of the API server are saved in.
  private(set) var snapshot: Token?
  /// What is worth saying of options that have no effect.
  private(set) var warnings: [Diagnostic] = []
  /// How long the start waits for the first full picture.
  var startupTimeout = Duration.seconds(5)

  /// CoreDNS's options and ours, for suggestions.
  private static let optionNames =
    [
      "manifests", "ttl", "pods", "endpoint_pod_names", "namespaces", "namespace_labels", "labels",
      "noendpoints", "ignore", "fallthrough", "startup_timeout", "multicluster", "zonal",
      "snapshot",
    ] + APISource.optionNames

  /// Reads the directive; the zones default to the server block's.
  init(_ directive: Directive, _ block: BlockSetup) throws(Diagnostic) {
    api = APISource(directive.name)
    var zones: [DomainName] = []
    for token in directive.arguments {
      zones += try token.zones().compactMap { DomainName(text: $0) }
    }
    self.zones = unique(zones.isEmpty ? block.zones : zones)
    guard let primary = self.zones.first(where: { !Self.isReverse($0) }) else {
      throw directive.error(
        "all zones are reverse zones; expected one that names can be put into, "
          + "such as cluster.local")
    }
    options.reverseZones = self.zones.filter(Self.isReverse).map(\.lowercased)
    // `hostmaster` in front of each zone stands in its SOA.
    if self.zones.contains(where: { $0.wire.count + 11 > WireLimits.nameOctetCountMax }) {
      throw directive.error("a zone has no room for names below it: expected 243 octets at most")
    }
    for option in directive.options ?? [] { try read(option, of: directive) }
    // The API server tells of every namespace; manifests may be silent about them.
    options.impliesNamespaces = !manifests.isEmpty
    divideZones(primary)
    if let snapshot, !manifests.isEmpty {
      warnings.append(
        Diagnostic(.warning, at: snapshot.position, "snapshot has no effect with manifests"))
    }
  }

  /// What is asked of the API server.
  var resources: [APIResource] {
    var services = APIResource(kind: .service)
    var slices = APIResource(kind: .endpointSlice)
    var namespaces = APIResource(kind: .namespace)
    var pods = APIResource(kind: .pod)
    services.labelSelector = selectors.objects
    slices.labelSelector = selectors.objects
    namespaces.labelSelector = selectors.namespaces
    // Pods that have come to their end may have lost their addresses to others.
    pods.fieldSelector = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown"
    return [services] + (options.ignoresEndpoints ? [] : [slices]) + [namespaces]
      + (options.pods == .verified ? [pods] : [])
      + (multiclusterZones.isEmpty ? [] : [APIResource(kind: .serviceImport)])
  }

  /// The options that decide what is kept of which objects, and how: `snapshot` takes objects that
  /// were kept under the same.
  var savedTerms: String {
    ([
      "zones \(zones.map(\.lowercased.description))",
      "multicluster \(options.multiclusterZones.map(\.description))",
      "namespaces \(options.namespaces.sorted())",
      "namespace_labels \(selectors.namespaces)", "labels \(selectors.objects)",
      "pods \(options.pods.rawValue)", "endpoint_pod_names \(options.usesEndpointPodNames)",
      "noendpoints \(options.ignoresEndpoints)",
    ] + api.savedTerms).joined(separator: "\n")
  }

  /// The plugin's zones with their numbers in the store: cluster zones share number 0, multicluster
  /// zones the last one.
  var storeZones: [(zone: DomainName, storeZone: Int)] {
    zones.map { zone in
      if options.multiclusterZones.contains(zone.lowercased) {
        return (zone, options.multiclusterStoreZone ?? 0)
      }
      let index = options.reverseZones.firstIndex(of: zone.lowercased)
      return (zone, index.map { $0 + 1 } ?? 0)
    }
  }

  /// Tells cluster zones from multicluster zones. Zones below one of these are such zones too, as
  /// CoreDNS has it; reverse zones are reverse zones.
  private mutating func divideZones(_ first: DomainName) {
    let forwardZones = zones.filter { !Self.isReverse($0) }.map(\.lowercased)
    options.multiclusterZones = forwardZones.filter { zone in
      multiclusterZones.contains { zone.isAtOrBelow($0) }
    }
    let clusterZones = forwardZones.filter { !options.multiclusterZones.contains($0) }
    options.primaryZone = clusterZones.first ?? first.lowercased
    options.zoneOctetCountMax =
      (clusterZones.isEmpty ? forwardZones : clusterZones).map(\.wire.count).max() ?? 1
  }

  private mutating func readMulticlusterZones(_ option: Directive) throws(Diagnostic) {
    multiclusterZones = []
    if option.arguments.isEmpty {
      warnings.append(
        Diagnostic(.warning, at: option.position, "multicluster without a zone has no effect"))
    }
    for token in option.arguments {
      for zone in try token.zones().compactMap({ DomainName(text: $0)?.lowercased }) {
        guard zones.contains(where: { $0.lowercased == zone }) else {
          throw token.error(
            "\(quotedForMessage(token.text)) is none of the plugin's zones: expected one of "
              + zones.map(\.description).joined(separator: ", "))
        }
        multiclusterZones.append(zone)
      }
    }
  }

  private static func isReverse(_ zone: DomainName) -> Bool {
    ["in-addr.arpa.", "ip6.arpa."].compactMap { DomainName(text: $0) }
      .contains { zone.isAtOrBelow($0) }
  }

  private mutating func read(_ option: Directive, of directive: Directive) throws(Diagnostic) {
    switch option.name.text {
    case "manifests":
      try option.requireArguments(1...)
      manifests += option.arguments
    case "ttl":
      options.ttl = UInt32(try option.onlyArgument().integer(in: 0...3600))
    case "pods":
      let word = try option.onlyArgument().keyword(
        among: RecordOptions.PodMode.allCases.map(\.rawValue))
      options.pods = RecordOptions.PodMode(rawValue: word) ?? .disabled
    case "endpoint_pod_names":
      try option.requireArguments(0...0)
      options.usesEndpointPodNames = true
    case "noendpoints":
      try option.requireArguments(0...0)
      options.ignoresEndpoints = true
    case "ignore":
      _ = try option.onlyArgument().keyword(among: ["empty_service"])
      options.ignoresEmptyServices = true
    case "fallthrough": handsOn = try ZoneSet(parsing: option.arguments)
    case "startup_timeout":
      startupTimeout = try option.onlyArgument().duration(in: .zero ... .seconds(3600))
    case "multicluster": try readMulticlusterZones(option)
    case "namespaces", "namespace_labels", "labels": try readFilter(option)
    default: try readAPIOption(option, of: directive)
    }
    try option.requireNoOptions()
  }

  private mutating func readFilter(_ option: Directive) throws(Diagnostic) {
    try option.requireArguments(1...)
    switch option.name.text {
    case "namespaces": options.namespaces.formUnion(option.arguments.map(\.text))
    case "namespace_labels":
      options.namespaceSelector = try Self.selector(option)
      selectors.namespaces = Self.selectorText(option)
    default:
      options.selector = try Self.selector(option)
      selectors.objects = Self.selectorText(option)
    }
    if !options.namespaces.isEmpty, options.namespaceSelector != nil {
      throw option.error("namespaces and namespace_labels cannot both be set")
    }
  }

  private static func selectorText(_ option: Directive) -> String {
    option.arguments.map(\.text).joined(separator: " ")
  }

  /// A label selector; its words may be spread over several arguments.
  private static func selector(_ option: Directive) throws(Diagnostic) -> LabelSelector {
    let text = selectorText(option)
    do throws(SelectorProblem) {
      return try LabelSelector(parsing: text)
    } catch {
      throw
        (option.arguments.first?.error("\(quotedForMessage(text)) is no label selector: \(error)")
        ?? option.error("expected a label selector"))
    }
  }

  /// Options of the live API; they have no effect on manifests.
  private mutating func readAPIOption(
    _ option: Directive, of directive: Directive
  ) throws(Diagnostic) {
    if try api.read(option) { return }
    switch option.name.text {
    case "snapshot": snapshot = try option.onlyArgument()
    case "zonal":
      throw option.error("the option \(option.name.text) of kubernetes is not built yet")
    default: throw directive.unknownOption(option, known: Self.optionNames)
    }
  }
}
