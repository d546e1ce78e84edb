import DNSWire
import Files
import PluginChain
import Sockets
import Upstreams

/// Where the upstreams of a directive come from, as far as it is known by now; used by one thread
/// at a time.
struct UpstreamSources: ~Copyable {
  /// What events in folders say about the files.
  enum News {
    /// Nothing that concerns them.
    case nothing
    /// Somebody is writing.
    case writing
    /// Something changed and is as it should be read.
    case settled
  }

  private let targets: [ForwardTarget]
  private var files: [String: FollowedFile] = [:]
  private var hosts: [DomainName: FollowedHost] = [:]
  private var watch: FolderWatch?
  /// The names of the entries that decide what the files' paths lead to.
  private var entryNames: Set<String> = []
  private var isLatenessTold = false

  /// The most reads of events at a time, so that a folder that never rests holds up nothing.
  private static let readCountMax = 64

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
  private(set) var eventDescriptor: Int32 = -1

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

  /// Watches all folders, those that are new under an old name too; a warning, once, when changes
  /// in one of them will only be seen by looking.
  private mutating func watchFolders() -> [FollowerNote] {
    var failure: String?
    do throws(PosixProblem) {
      if watch == nil {
        let new = try FolderWatch()
        eventDescriptor = new.descriptor.number
        watch = consume new
      }
    } catch {
      failure = error.message
    }
    entryNames = []
    for path in files.keys {
      for entry in PathTrail(path).entries {
        entryNames.insert(entry.name)
        do throws(PosixProblem) {
          try watch?.watch(entry.folder)
        } catch {
          // A folder that is not there is the look's to tell of.
          if PosixFile.status(entry.folder) == .folder { failure = error.message }
        }
      }
    }
    guard let failure, !isLatenessTold else { return [] }
    isLatenessTold = true
    let paths = files.keys.sorted().joined(separator: ", ")
    return [
      FollowerNote(
        level: .warning,
        text: "\(paths): folders cannot be watched (\(failure)); changes are seen late")
    ]
  }

  /// Takes in the events that are there.
  mutating func takeEvents() -> News {
    var news = News.nothing
    for _ in 0..<Self.readCountMax {
      guard let events = watch?.events(), !events.isEmpty else { break }
      for event in events {
        if event.kind == .unknown || event.folder.isEmpty {
          news = .settled
        } else if entryNames.contains(event.name) {
          let path = event.folder + "/" + event.name
          let isFresh = event.kind == .created && PosixFile.isFreshFile(path)
          news = event.kind == .written || isFresh ? .writing : .settled
        }
      }
    }
    return news
  }

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
