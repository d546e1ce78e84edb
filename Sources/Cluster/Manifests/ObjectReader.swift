import DNSWire

/// Reads one object from a manifest's value. A bad element of a list is left out with a problem;
/// anything else that is bad refuses the object.
struct ObjectReader {
  /// The object's kind, name and metadata.
  let head: ObjectHead
  /// The whole object.
  let object: ManifestValue
  /// The elements that were left out.
  var problems: [FieldRefusal] = []

  /// A reader of an object whose head has been read.
  init(_ object: ManifestValue, head: ObjectHead) {
    self.object = object
    self.head = head
  }

  /// The object; `nil` for an EndpointSlice that belongs to no Service and no ServiceImport.
  mutating func read() throws(FieldRefusal) -> ClusterObject? {
    switch head.id.kind {
    case .service: .service(try service())
    case .endpointSlice: try endpointSlice().map { .endpointSlice($0) }
    case .namespace:
      .namespace(
        Namespace(
          name: head.id.key.name, labels: try head.labels(&problems), uid: try head.uid()))
    case .pod: .pod(try pod())
    case .serviceImport: .serviceImport(try serviceImport())
    }
  }

  /// Reads every element, leaving out those that `read` refuses.
  mutating func each<Element>(
    of list: ManifestValue, _ field: String,
    _ read: (ManifestValue, @autoclosure () -> String) throws(FieldRefusal) -> Element?
  ) throws(FieldRefusal) -> [Element] {
    let elements = try list.elements(field)
    var found: [Element] = []
    found.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      do throws(FieldRefusal) {
        if let value = try read(element, "\(field)[\(index)]") { found.append(value) }
      } catch {
        problems.append(error)
      }
    }
    return found
  }

  /// Reads a list of addresses, each kept once; refused when none of several is good.
  mutating func addresses(
    _ list: ManifestValue, _ field: String,
    _ read: (ManifestValue, @autoclosure () -> String) throws(FieldRefusal) -> IPAddress?
  ) throws(FieldRefusal) -> [IPAddress] {
    let problemCount = problems.count
    let all = try each(of: list, field, read)
    if all.isEmpty, let problem = problems.dropFirst(problemCount).first {
      problems.removeSubrange(problemCount...)
      throw problem
    }
    var seen: Set<IPAddress> = []
    return all.filter { seen.insert($0).inserted }
  }

  // MARK: - Pods

  private mutating func pod() throws(FieldRefusal) -> Pod {
    let status = try object["status"].mapping("status")
    let phase = try status["phase"].text("status.phase") ?? ""
    var ips = try addresses(status["podIPs"], "status.podIPs") {
      (element, field) throws(FieldRefusal) in
      try element.mapping(field())["ip"].address("\(field()).ip")
    }
    if let text = try status["podIP"].text("status.podIP"), !text.isEmpty {
      let ip = try status["podIP"].address("status.podIP")
      if !ips.contains(ip) { ips.insert(ip, at: 0) }
    }
    return Pod(
      key: head.id.key, ips: ips, isFinished: phase == "Succeeded" || phase == "Failed",
      uid: try head.uid())
  }
}
