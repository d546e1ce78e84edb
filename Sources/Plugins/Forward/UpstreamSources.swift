import DNSWire
import Files
import PluginChain
import Sockets
import Upstreams

/// Where the upstreams of a directive come from, as far as it is known by now; used by one thread
/// at a time.
struct UpstreamSources: ~Copyable {
  private let targets: [ForwardTarget]
  private var files: [String: FollowedFile] = [:]
  private var hosts: [DomainName: FollowedHost] = [:]
  private var watch = PathWatch()
  private var isLatenessTold = false

  /// The sources of `targets`; nothing is read yet. `hostBounds` as `HostSchedule` has them.
  init(_ targets: [ForwardTarget], hostBounds: ClosedRange<UInt64>) {
    self.targets = targets
    for target in targets {
      switch target.place {
      case .address: break
      case .file(let path): files[path] = FollowedFile(path: path)
      case .host(let name, _): hosts[name] = FollowedHost(name: name, bounds: hostBounds)
      }
    }
  }

  /// The descriptor that is readable when there are events; -1 when none will come.
  var eventDescriptor: Int32 { watch.descriptor }

  /// Whether there is a file to look at.
  var hasFiles: Bool { !files.isEmpty }

  /// All upstreams known, in the order of the targets, without repetitions.
  var upstreams: [Upstream] {
    var seen: Set<Upstream> = []
    var result: [Upstream] = []
    for target in targets {
      for upstream in upstreams(of: target) where seen.insert(upstream).inserted {
        result.append(upstream)
      }
    }
    return result
  }

  private func upstreams(of target: ForwardTarget) -> [Upstream] {
    let addresses: [SocketAddress]
    switch target.place {
    case .address(let address): addresses = [address]
    case .file(let path): addresses = files[path]?.servers ?? []
    case .host(let name, let port):
      addresses = (hosts[name]?.addresses ?? []).map { SocketAddress($0, port: port) }
    }
    let scheme = target.transport == .plain ? "" : "tls://"
    return addresses.map {
      Upstream(address: $0, transport: target.transport, text: scheme + $0.text)
    }
  }

  /// The targets that could not be read or looked up last time, and why.
  func failures(ofFiles: Bool) -> [(target: ForwardTarget, reason: String)] {
    var result: [(target: ForwardTarget, reason: String)] = []
    for target in targets {
      let reason: String?
      switch target.place {
      case .address: reason = nil
      case .file(let path): reason = ofFiles ? files[path]?.failure : nil
      case .host(let name, _): reason = ofFiles ? nil : hosts[name]?.failure
      }
      if let reason { result.append((target, reason)) }
    }
    return result
  }

  // MARK: - Files

  /// Watches the folders on the way to the files, then reads the files.
  mutating func lookAtFiles() -> [FollowerNote] {
    guard hasFiles else { return [] }
    var notes = watchFolders()
    for path in files.keys.sorted() { notes += files[path]?.look() ?? [] }
    return notes
  }

  /// A warning, once, when changes in one of the folders will only be seen by looking.
  private mutating func watchFolders() -> [FollowerNote] {
    let paths = files.keys.sorted()
    do throws(PosixProblem) {
      try watch.renew(paths)
      return []
    } catch {
      if isLatenessTold { return [] }
      isLatenessTold = true
      let list = paths.joined(separator: ", ")
      return [
        FollowerNote(
          level: .warning,
          text: "\(list): folders cannot be watched (\(error.message)); changes are seen late")
      ]
    }
  }

  /// Takes in the events that are there.
  mutating func takeEvents() -> PathWatch.News { watch.takeEvents() }

  // MARK: - Hosts

  /// When the next host is to be looked up; nanoseconds of the monotonic clock.
  var nextLookup: UInt64 { hosts.values.map(\.schedule.due).min() ?? .max }

  /// Whether a host has never been found.
  var lacksHosts: Bool { hosts.values.contains { $0.addresses.isEmpty } }

  /// Looks up the hosts that are due at `now`, or those that have no address.
  mutating func lookUpHosts(
    dueAt now: UInt64?, _ resolver: HostResolver, stop: borrowing StopSignal
  ) -> [FollowerNote] {
    var notes: [FollowerNote] = []
    for name in hosts.keys.sorted(by: { $0.canonicallyPrecedes($1) }) {
      guard let host = hosts[name] else { continue }
      let isDue = now.map { host.schedule.due <= $0 } ?? host.addresses.isEmpty
      if isDue { notes += hosts[name]?.lookUp(resolver, stop: stop) ?? [] }
    }
    return notes
  }
}
