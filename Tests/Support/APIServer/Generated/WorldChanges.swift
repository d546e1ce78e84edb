import Synchronization
import TestSupport

/// Changes that go on in a large cluster, and one name whose address tells when it was changed.
package final class WorldChanges: Sendable {
  /// The namespace of the known name.
  package static let markerNamespace = "simulator"
  /// The headless Service whose only endpoint's address tells when it was changed.
  package static let markerService = "marker"

  private struct State {
    var random: SeededGenerator
    var markCount: UInt64 = 0
    var changeCount = 0
  }

  private let world: World
  private let state: Mutex<State>

  /// Changes of a world, drawn from a seed.
  package init(_ world: World, seed: UInt64 = 1) {
    self.world = world
    state = Mutex(State(random: SeededGenerator(seed: seed)))
  }

  /// Puts the known name there.
  package func addMarker() {
    world.put(.namespace(Self.markerNamespace))
    world.put(.service(Self.markerNamespace, Self.markerService, .headless()))
    mark(nanoseconds: 0)
  }

  /// Changes the known name's address: `fd00:` with 48 bits of a sequence number and 64 bits of
  /// nanoseconds since 1970. Returns the sequence number.
  @discardableResult
  package func mark(nanoseconds: UInt64) -> UInt64 {
    let count = state.withLock { state in
      state.markCount += 1
      return state.markCount
    }
    let groups = [
      0xFD00, count >> 32 & 0xFFFF, count >> 16 & 0xFFFF, count & 0xFFFF, nanoseconds >> 48,
      nanoseconds >> 32 & 0xFFFF, nanoseconds >> 16 & 0xFFFF, nanoseconds & 0xFFFF,
    ].map { String($0, radix: 16) }
    let endpoint = SimulatedEndpoint(groups.joined(separator: ":"), hostname: "now")
    world.put(
      .slice(
        Self.markerNamespace, "\(Self.markerService)-1", of: Self.markerService,
        SimulatedSlice([endpoint], addressType: "IPv6")))
    return count
  }

  /// Changes so many objects, drawn by chance: slices, and a Service each fourth time.
  package func change(_ count: Int, slicesOnly: Bool = false) {
    let slices = world.objects(.endpointSlices)
    let services = world.objects(.services)
    for _ in 0..<max(0, count) {
      let (draw, number) = state.withLock { state in
        state.changeCount += 1
        return (Int(truncatingIfNeeded: state.random.next() >> 1), state.changeCount)
      }
      if !slicesOnly, number.isMultiple(of: 4), !services.isEmpty {
        let service = services[draw % services.count]
        world.update(.services, key: service.key) { $0.labels["revision"] = "\(number)" }
      } else if !slices.isEmpty {
        let slice = slices[draw % slices.count]
        world.update(.endpointSlices, key: slice.key) { Self.change(&$0, draw) }
      }
    }
  }

  /// One endpoint becomes ready, or is no longer; a slice without any gets one.
  private static func change(_ object: inout SimulatedObject, _ draw: Int) {
    guard object.namespace != markerNamespace, case .slice(var slice) = object.body else { return }
    if slice.endpoints.isEmpty {
      slice.endpoints = [SimulatedEndpoint(GeneratedWorld.address(draw))]
    } else {
      let index = draw / 7 % slice.endpoints.count
      slice.endpoints[index].isReady = !(slice.endpoints[index].isReady ?? true)
    }
    object.body = .slice(slice)
  }
}
