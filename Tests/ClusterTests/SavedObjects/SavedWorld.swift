import Cluster
import DNSWire
import Foundation
import RecordStore
import TestSupport
import Testing

/// A folder with a file of saved objects, and stores to save from and load into.
struct SavedWorld {
  let folder: TestSupport.TemporaryFolder
  let file: SavedObjectsFile

  init(terms: String = "pods verified") throws {
    folder = try TestSupport.TemporaryFolder()
    file = SavedObjectsFile(path: folder.path("objects"), terms: terms)
  }

  /// A store that verifies pods and knows imports, as a live cluster's does.
  static func records() throws -> RecordWorld {
    let zone = try #require(DomainName(text: "clusterset.local."))
    return try RecordWorld {
      $0.pods = .verified
      $0.impliesNamespaces = false
      $0.multiclusterZones = [zone]
    }
  }

  /// One object of every kind and form.
  static func objects() -> [ClusterObject] {
    let slice = EndpointSlice(
      key: ObjectText.objectKey("shop/east-web"), serviceName: "", importName: "web",
      sourceCluster: "east",
      endpoints: [Endpoint(addresses: ObjectText.addresses("10.9.0.1"), hostname: "zero")])
    let common = ServiceImport(
      key: ObjectText.objectKey("shop/web"), ips: ObjectText.addresses("10.7.0.1"), uid: "import")
    return [
      ObjectText.namespace("shop"), ObjectText.namespace("lab"),
      ObjectText.service("shop/web", "10.96.0.1 fd00::1"),
      ObjectText.service("lab/db", "None"),
      ObjectText.slice("lab/db-1", of: "db", "10.0.0.3=zero fd00::3@pod-1"),
      ObjectText.slice("lab/other", of: "db", "10.0.0.4"),
      ObjectText.alias("lab/out", to: "example.org"),
      ObjectText.pod("shop/p", "10.0.0.1 fd00::9"), ObjectText.pod("lab/q", "10.0.0.1"),
      .serviceImport(common), .endpointSlice(slice),
    ]
  }

  /// A store with these objects, published.
  static func records(_ objects: [ClusterObject]) throws -> RecordWorld {
    let world = try records()
    try world.apply(objects.map(ObjectChange.set))
    return world
  }

  /// The octets of the file.
  func octets() throws -> [UInt8] {
    Array(try #require(FileManager.default.contents(atPath: file.path)))
  }

  /// Writes octets in the file's place.
  func write(_ octets: [UInt8]) throws {
    try Data(octets).write(to: URL(fileURLWithPath: file.path))
  }

  /// Whether the answers of a store are marked as stale.
  static func isStale(_ records: ClusterRecords) -> Bool {
    defer { records.store.leave(reader: 0) }
    return records.store.enter(reader: 0).isStale
  }

  /// Every name of every zone with its sets as text.
  static func contents(_ records: ClusterRecords) -> [[[UInt8]: String]] {
    let snapshot = records.store.enter(reader: 0)
    defer { records.store.leave(reader: 0) }
    return records.store.zones.indices.map { zone in
      var names: [[UInt8]: String] = [:]
      snapshot.forEachName(zone: zone) { names[$0] = "\($1)" }
      return names
    }
  }

  /// Makes a folder.
  static func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }
}
