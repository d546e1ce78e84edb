import Cluster
import DNSWire
import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

/// A folder that is there as long as its owner.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryFolder.path + "/manifests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file in place, as an editor that truncates does.
  func write(_ name: String, _ text: String) throws { try write(name, octets: Array(text.utf8)) }

  func write(_ name: String, octets: [UInt8]) throws {
    try Data(octets).write(to: URL(filePath: "\(path)/\(name)"))
  }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: "\(path)/\(name)", withIntermediateDirectories: false)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/\(name)", withDestinationPath: target)
  }

  func makePipe(_ name: String) throws {
    let status = unsafe mkfifo("\(path)/\(name)", 0o600)
    try #require(status == 0)
  }

  /// Gives an entry another's name, at one stroke.
  func rename(_ name: String, _ other: String) throws {
    let status = unsafe Glibc.rename("\(path)/\(name)", "\(path)/\(other)")
    try #require(status == 0)
  }

  func delete(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  func makeExecutable(_ name: String) throws {
    let status = unsafe chmod("\(path)/\(name)", 0o700)
    try #require(status == 0)
  }

  /// Opens a file for writing from its start, emptying it.
  func open(_ name: String) throws -> OpenFile {
    let number = unsafe Glibc.open("\(path)/\(name)", O_WRONLY | O_TRUNC)
    try #require(number >= 0)
    return OpenFile(number: number)
  }
}

private enum NSTemporaryFolder {
  static var path: String {
    let folder = FileManager.default.temporaryDirectory.path
    return folder.hasSuffix("/") ? String(folder.dropLast()) : folder
  }
}

/// A file that a test has open for writing.
struct OpenFile {
  fileprivate let number: Int32

  func write(_ text: String) {
    let octets = Array(text.utf8)
    _ = unsafe Glibc.write(number, octets, octets.count)
  }

  func close() { _ = Glibc.close(number) }
}

/// A source that is followed, and the objects and problems that its rounds add up to.
final class Followed: Sendable {
  private struct Total {
    var objects: [ObjectID: ClusterObject] = [:]
    var problems: [ManifestProblem] = []
  }

  private let source: ManifestSource
  private let total = Mutex(Total())

  init(_ paths: [String], lookInterval: Duration = .seconds(5)) throws {
    source = try ManifestSource(paths: paths, lookInterval: lookInterval)
    add(source.load())
    let isFollowed = source.follow { [weak self] round in self?.add(round) }
    try #require(isFollowed)
  }

  deinit { source.stop() }

  func stop() { source.stop() }

  var objects: [ObjectID: ClusterObject] { total.withLock { $0.objects } }
  var problems: [ManifestProblem] { total.withLock { $0.problems } }
  var names: [String] { objects.keys.sorted().map(\.description) }

  /// The address of a Service in the namespace of the fixtures.
  func address(_ name: String) -> String? {
    let id = ObjectID(kind: .service, key: ObjectKey(namespace: "shop", name: name))
    guard case .service(let service)? = objects[id] else { return nil }
    return service.clusterIPs.first?.description
  }

  /// Waits until `condition` holds.
  func wait(
    _ condition: (Followed) -> Bool, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try waitUntil(sourceLocation: sourceLocation) { condition(self) }
  }

  private func add(_ round: ManifestRound) {
    total.withLock { total in
      total.problems += round.problems
      for change in round.changes {
        switch change {
        case .set(let object): total.objects[object.id] = object
        case .delete(let kind, let key): total.objects[ObjectID(kind: kind, key: key)] = nil
        }
      }
    }
  }
}

/// A number that several threads count up.
final class Counter: Sendable {
  private let count = Atomic(0)

  func add() { count.add(1, ordering: .sequentiallyConsistent) }
  var value: Int { count.load(ordering: .sequentiallyConsistent) }
}

/// Looks again and again until `condition` holds; fails after a minute.
func waitUntil(
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) throws {
  let isThere = waitUntil(.seconds(60), every: .milliseconds(1), condition)
  try #require(isThere, sourceLocation: sourceLocation)
}

/// The same without keeping the thread, for conditions that tasks bring about.
func requireEventually(
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async -> Bool
) async throws {
  try #require(await eventually(condition), sourceLocation: sourceLocation)
}
