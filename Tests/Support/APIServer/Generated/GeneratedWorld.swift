import TestSupport

/// A large cluster, the same for the same options and seed.
package struct GeneratedWorld: Sendable {
  /// Endpoints of a slice, as the endpoint slice controller has it.
  static let sliceEndpointCountMax = 100
  /// Services of a namespace.
  static let namespaceServiceCount = 50

  /// The number of Services.
  package var serviceCount = 100
  /// The number of endpoints, in slices of at most 100.
  package var endpointCount = 1_500
  /// The share of Services that are headless, whose endpoints have names: 0...1.
  package var headlessShare = 0.1
  /// The number of Pods.
  package var podCount = 0
  /// What the sizes are drawn from.
  package var seed: UInt64 = 1

  /// 100 Services with 15 endpoints each.
  package init() {}

  /// Puts everything into a world.
  package func fill(_ world: World) {
    var random = SeededGenerator(seed: seed)
    let namespaceCount = max(1, serviceCount / Self.namespaceServiceCount)
    world.put((0..<namespaceCount).map { .namespace(Self.namespace($0)) })
    let counts = endpointCounts(&random)
    var address = 0
    for index in 0..<serviceCount {
      let namespace = Self.namespace(index % namespaceCount)
      let isHeadless = Double(index &* 37 % 100) < headlessShare * 100
      world.put(Self.service(index, namespace, isHeadless: isHeadless))
      world.put(
        slices(index, namespace, counts[index], isHeadless: isHeadless, address: &address))
    }
    world.put((0..<podCount).map { Self.pod($0, Self.namespace($0 % namespaceCount)) })
  }

  /// How many endpoints each Service has: most a few, one of a hundred very many, and the sum as
  /// it should be.
  private func endpointCounts(_ random: inout SeededGenerator) -> [Int] {
    guard serviceCount > 0 else { return [] }
    let weights = (0..<serviceCount).map { index in
      Double(random.next() % 1_000 + 1) * (index % 100 == 7 ? 20 : 1)
    }
    let total = weights.reduce(0, +)
    var sum = 0.0
    var given = 0
    return weights.map { weight in
      sum += weight
      let upTo = Int((sum / total * Double(endpointCount)).rounded())
      defer { given = upTo }
      return upTo - given
    }
  }

  // MARK: - Objects

  /// The namespace of a number.
  package static func namespace(_ number: Int) -> String { "team-\(number)" }

  /// The name of the Service of a number.
  package static func serviceName(_ number: Int) -> String { "service-\(number)" }

  private static func service(
    _ number: Int, _ namespace: String, isHeadless: Bool
  ) -> SimulatedObject {
    let ports = [SimulatedPort("http", 80), SimulatedPort("metrics", 9_090)]
    let name = serviceName(number)
    let service =
      isHeadless
      ? SimulatedService.headless(ports: ports)
      : SimulatedService(clusterIPs: ["10.96.\(number >> 8 & 255).\(number & 255)"], ports: ports)
    return .service(
      namespace, name,
      labels: ["app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "Helm"], service)
  }

  private func slices(
    _ number: Int, _ namespace: String, _ count: Int, isHeadless: Bool, address: inout Int
  ) -> [SimulatedObject] {
    let name = Self.serviceName(number)
    let ports = [SimulatedPort("http", 8_080), SimulatedPort("metrics", 9_090)]
    return stride(from: 0, to: max(1, count), by: Self.sliceEndpointCountMax).map { start in
      let end = min(count, start + Self.sliceEndpointCountMax)
      let endpoints = (start..<max(start, end)).map { index in
        defer { address += 1 }
        return Self.endpoint(name, index, address, isHeadless: isHeadless)
      }
      let sliceName =
        "\(name)-\(String(UInt32(truncatingIfNeeded: start &* 7_919 + 40_961), radix: 36))"
      var slice = SimulatedObject.slice(
        namespace, sliceName, of: name, SimulatedSlice(endpoints, ports: ports))
      if isHeadless { slice.labels["service.kubernetes.io/headless"] = "" }
      slice.labels["app.kubernetes.io/name"] = name
      return slice
    }
  }

  private static func endpoint(
    _ service: String, _ index: Int, _ address: Int, isHeadless: Bool
  ) -> SimulatedEndpoint {
    var endpoint = SimulatedEndpoint(Self.address(address))
    endpoint.podName =
      isHeadless
      ? "\(service)-\(index)"
      : "\(service)-6d4cf56db6-\(String(60_466_176 + address % 46_656, radix: 36).suffix(5))"
    endpoint.hostname = isHeadless ? "\(service)-\(index)" : ""
    endpoint.nodeName = "ip-192-168-0-\(address % 250).eu-west-1.compute.internal"
    endpoint.zone = "eu-west-1\(["a", "b", "c"][address % 3])"
    return endpoint
  }

  /// The address of a number, in 10.128.0.0/9.
  static func address(_ number: Int) -> String {
    "10.\(128 + (number >> 16 & 127)).\(number >> 8 & 255).\(number & 255)"
  }

  private static func pod(_ number: Int, _ namespace: String) -> SimulatedObject {
    var pod = SimulatedPod(addresses: [address(number)])
    pod.nodeName = "ip-192-168-0-\(number % 250).eu-west-1.compute.internal"
    return .pod(
      namespace, "pod-\(number)", labels: ["app.kubernetes.io/name": "pod-\(number)"], pod)
  }
}
