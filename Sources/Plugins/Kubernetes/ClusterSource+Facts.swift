import Cluster
import DNSWire

extension ClusterSource: NameFacts {
  var searchZone: DomainName { configuration.options.primaryZone }

  func facts(about name: DomainName) -> [String]? {
    let zones = configuration.zones.filter { name.isAtOrBelow($0) }
    guard let zone = zones.max(by: { $0.labelCount < $1.labelCount }) else { return nil }
    let options = configuration.options
    var lines = ["zone \(zone)"]
    var asked = QueryName()
    if asked.parse(name.wire.span, at: 0) != nil, configuration.handsOn.covers(asked) {
      lines[0] += ", with fallthrough: what does not exist goes on to the next plugin"
    }
    guard isReady, let records else { return lines + ["the records are not loaded"] }
    if options.reverseZones.contains(zone.lowercased) {
      return lines + ["reverse zone: names of cluster IPs and ready endpoints"]
    }
    let labels = name.lowercased.labels.dropLast(zone.labelCount).map {
      String(decoding: $0, as: UTF8.self)
    }
    let isImport = options.multiclusterZones.contains(zone.lowercased)
    if isImport { lines.append("zone of what clusters have in common (ServiceImports)") }
    let subject = Subject(records: records, options: options, zone: zone, isImport: isImport)
    return lines + subject.facts(labels)
  }
}

/// A name of a cluster zone, label by label from the right.
private struct Subject {
  let records: ClusterRecords
  let options: RecordOptions
  let zone: DomainName
  let isImport: Bool

  func facts(_ labels: [String]) -> [String] {
    switch labels.last {
    case nil: return ["the zone itself: SOA and NS"]
    case "svc": return services(Array(labels.dropLast()))
    case "pod": return pods(Array(labels.dropLast()))
    case "dns-version" where labels.count == 1: return ["the version of the specification, TXT"]
    case "dns" where labels.count <= 2: return ["the name server of the zone"]
    case .some(let last): return [notAKind(last)] + hint(labels)
    }
  }

  private func notAKind(_ label: String) -> String {
    "\(label): names of the zone end in svc or pod"
  }

  /// `SERVICE.NAMESPACE` without `svc` is a common slip.
  private func hint(_ labels: [String]) -> [String] {
    guard labels.count >= 2, let namespace = labels.last,
      records.service(labels[labels.count - 2], in: namespace, isImport: isImport) != nil
    else { return [] }
    let name = (labels + ["svc"]).joined(separator: ".")
    return ["there is a Service: its name is \(name).\(zone)"]
  }

  private func namespace(_ name: String) -> (line: String, exists: Bool) {
    switch records.state(ofNamespace: name) {
    case .exists: ("namespace \(name): exists", true)
    case .missing: ("namespace \(name): does not exist", false)
    case .notNamed: ("namespace \(name): left out, `namespaces` does not name it", false)
    case .labelsDiffer:
      ("namespace \(name): left out, its labels do not match `namespace_labels`", false)
    }
  }

  // MARK: - Services

  private func services(_ labels: [String]) -> [String] {
    guard let name = labels.last else { return ["svc: has only names below it"] }
    let namespace = namespace(name)
    guard namespace.exists, labels.count >= 2 else { return [namespace.line] }
    let service = labels[labels.count - 2]
    return [namespace.line]
      + self.service(service, in: name, below: Array(labels.dropLast(2)))
  }

  private func service(_ name: String, in namespace: String, below: [String]) -> [String] {
    guard let facts = records.service(name, in: namespace, isImport: isImport) else {
      var line = "Service \(name): does not exist in namespace \(namespace)"
      if options.selector != nil { line += ", or its labels do not match `labels`" }
      return [line] + elsewhere(name)
    }
    var lines = ["Service \(name): \(kind(facts))"]
    if facts.type != .externalName { lines.append(endpoints(facts)) }
    if facts.isHeadless, facts.endpointCount == 0 {
      lines.append("headless without a ready endpoint: the name does not exist")
    } else if options.ignoresEmptyServices, facts.endpointCount == 0, !facts.isHeadless,
      facts.type != .externalName
    {
      lines.append("left out by `ignore empty_service`: it has no ready endpoint")
    }
    return lines + part(below, of: facts)
  }

  /// Where else a Service of this name is.
  private func elsewhere(_ name: String) -> [String] {
    let namespaces = records.keys(of: isImport ? .serviceImport : .service)
      .filter { $0.name == name }.map(\.namespace).sorted()
    if namespaces.isEmpty { return [] }
    return ["a Service of this name is in: \(namespaces.prefix(8).joined(separator: ", "))"]
  }

  private func kind(_ facts: ServiceFacts) -> String {
    let ports = facts.ports.isEmpty ? "" : ", ports \(facts.ports.joined(separator: " "))"
    if facts.type == .externalName { return "ExternalName, an alias of \(facts.externalName)" }
    if facts.isHeadless { return "headless\(ports)" }
    let addresses = facts.clusterIPs.map(\.description).joined(separator: " ")
    return addresses.isEmpty
      ? "without a cluster IP yet\(ports)" : "cluster IP \(addresses)\(ports)"
  }

  private func endpoints(_ facts: ServiceFacts) -> String {
    if options.ignoresEndpoints { return "endpoints: not read, because of `noendpoints`" }
    if facts.endpointCount == 0 { return "endpoints: no ready endpoint" }
    let more = facts.endpointCount > facts.endpoints.count ? " ..." : ""
    return "endpoints: \(facts.endpointCount) ready: "
      + facts.endpoints.joined(separator: " ") + more
  }

  /// What stands in front of a Service's name.
  private func part(_ labels: [String], of facts: ServiceFacts) -> [String] {
    switch labels.count {
    case 0: return []
    case 1 where !labels[0].hasPrefix("_"):
      let isListed = facts.endpoints.contains(labels[0])
      if isListed || facts.endpointCount <= facts.endpoints.count {
        return ["endpoint \(labels[0]): \(isListed ? "ready" : "no ready endpoint of this name")"]
      }
      return []
    case 2:
      let (port, transport) = (bare(labels[0]), bare(labels[1]))
      let isThere = facts.ports.contains("\(port)/\(transport)")
      return ["port \(port)/\(transport): \(isThere ? "is one of its ports" : "none of its ports")"]
    default: return []
    }
  }

  private func bare(_ label: String) -> String {
    label.hasPrefix("_") ? String(label.dropFirst()) : label
  }

  // MARK: - Pods

  private func pods(_ labels: [String]) -> [String] {
    if isImport { return ["pod: Pods have no names in this zone"] }
    guard let name = labels.last else { return ["pod: has only names below it"] }
    let namespace = namespace(name)
    let mode = "pods \(options.pods.rawValue)"
    guard options.pods != .disabled else { return ["\(mode): names of Pods do not exist"] }
    guard namespace.exists, labels.count == 2 else { return [namespace.line] }
    let octets = Array(labels[0].utf8)
    guard let address = AddressNames.address(podLabel: octets.span) else {
      return [namespace.line, "\(labels[0]): spells no address"]
    }
    let rule = options.pods == .insecure ? "any address is answered" : "if a Pod has the address"
    return [namespace.line, "\(labels[0]): spells \(address)", "\(mode): \(rule)"]
  }
}
