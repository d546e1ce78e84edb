import DNSWire
import Files
import PluginChain
import Sockets

/// A line for the log.
struct FollowerNote: Equatable, Sendable {
  /// How bad it is.
  let level: LogLevel
  /// The line without the plugin's name.
  let text: String
}

/// A file of name servers that is followed.
struct FollowedFile: Sendable {
  /// Its path, as the Corefile has it.
  let path: String
  /// The servers that it named when it last named any.
  private(set) var servers: [SocketAddress] = []
  /// Why it could not be used at the last look.
  private(set) var failure: String?
  private var toldProblems: [String] = []

  /// A file that was not read yet.
  init(path: String) { self.path = path }

  /// Reads the file; what is new about it in words. Trouble is told once and changes nothing.
  mutating func look() -> [FollowerNote] {
    do throws(PosixProblem) {
      let content = try ResolvConf.read(path)
      var notes = tell(content.problems)
      guard !content.servers.isEmpty else { return notes + fail("it names no name server") }
      let wasFailing = failure != nil
      failure = nil
      if content.servers != servers {
        servers = content.servers
        let list = servers.map(\.text).joined(separator: ", ")
        notes.append(FollowerNote(level: .info, text: "\(path) now names \(list)"))
      } else if wasFailing {
        notes.append(FollowerNote(level: .info, text: "\(path) can be read again"))
      }
      return notes
    } catch {
      return fail(error.message)
    }
  }

  private mutating func fail(_ reason: String) -> [FollowerNote] {
    let isNew = failure == nil
    failure = reason
    guard isNew else { return [] }
    return [FollowerNote(level: .warning, text: "\(path): \(reason); the servers it named stay")]
  }

  /// Problems of single lines, told when they are others than before.
  private mutating func tell(_ problems: [String]) -> [FollowerNote] {
    guard problems != toldProblems else { return [] }
    toldProblems = problems
    return problems.map { FollowerNote(level: .warning, text: "\(path): \($0); it is left out") }
  }
}

/// A host whose addresses are followed.
struct FollowedHost: Sendable {
  /// The host's name.
  let name: DomainName
  /// When it is looked up.
  private(set) var schedule: HostSchedule
  /// Why the last lookup failed.
  private(set) var failure: String?
  private var plain: [IPAddress] = []
  private var long: [IPAddress] = []

  /// Names at or below this one are this machine (RFC 6761 §6.3).
  private static let localhost = DomainName(text: "localhost.") ?? .root

  /// A host that was not looked up yet.
  init(name: DomainName, bounds: ClosedRange<UInt64>) {
    self.name = name
    schedule = HostSchedule(bounds: bounds)
  }

  /// All addresses known, IPv4 first.
  var addresses: [IPAddress] { plain + long }

  /// Looks the host up; what is new about it in words. Trouble is told once and changes nothing.
  mutating func lookUp(_ resolver: HostResolver, stop: borrowing StopSignal) -> [FollowerNote] {
    let isLocal = name.isAtOrBelow(Self.localhost)
    let first =
      isLocal
      ? .addresses([IPAddress(v4: 0x7F00_0001)], ttl: UInt32.max)
      : resolver.addresses(of: name, .a, stop: stop)
    if case .failed(let reason) = first { return fail(reason) }
    let second =
      isLocal
      ? .addresses([IPAddress(v6High: 0, low: 1)], ttl: UInt32.max)
      : resolver.addresses(of: name, .aaaa, stop: stop)
    return take(first, second, now: monotonicNanoseconds())
  }

  /// Takes in what was found of each family. A family that nobody could tell of keeps what it has.
  private mutating func take(
    _ first: HostAnswer, _ second: HostAnswer, now: UInt64
  ) -> [FollowerNote] {
    let before = addresses
    var (plain, long) = (plain, long)
    var ttl = UInt32.max
    var reason = "it has no address"
    var isFound = false
    func value(_ answer: HostAnswer, _ old: [IPAddress]) -> [IPAddress] {
      switch answer {
      case .addresses(let addresses, let seconds):
        ttl = min(ttl, seconds)
        isFound = true
        return addresses
      case .none: return []
      case .failed(let words):
        reason = words
        return old
      }
    }
    plain = value(first, plain)
    long = value(second, long)
    guard isFound else { return fail(reason) }
    (self.plain, self.long) = (plain, long)
    schedule.succeeded(ttl: ttl, now: now)
    let wasFailing = failure != nil
    failure = nil
    if addresses != before {
      let list = addresses.map(\.description).joined(separator: ", ")
      return [FollowerNote(level: .info, text: "\(name) is now at \(list)")]
    }
    return wasFailing ? [FollowerNote(level: .info, text: "\(name) is found again")] : []
  }

  private mutating func fail(_ reason: String) -> [FollowerNote] {
    schedule.failed(now: monotonicNanoseconds())
    let isNew = failure == nil
    failure = reason
    guard isNew else { return [] }
    let rest = addresses.isEmpty ? "it is tried again" : "the addresses it had stay"
    return [FollowerNote(level: .warning, text: "\(name): \(reason); \(rest)")]
  }
}
