import Foundation
import TestSupport
import Testing

/// Manifests that change while the server runs.
@Suite struct ManifestTests {
  private static let first = ManifestWorld(addresses: ["tea": "10.96.1.1", "milk": "10.96.1.2"])
  private static let second = ManifestWorld(
    addresses: ["tea": "10.96.1.1", "milk": "10.96.1.2", "cake": "10.96.1.3"])

  @Test(arguments: [false, true])
  func `an object that is added is answered`(byRename: Bool) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.first.text, to: "world.yaml")
    let server = try ManifestServer(folder, path: "world.yaml")
    #expect(try server.lookup("cake") == .denied)
    try Self.change(folder, to: Self.second, byRename: byRename)
    #expect(
      try server.expect(
        "cake", becomes: .addresses(["10.96.1.3"]), keeping: Self.first.addresses))
  }

  @Test(arguments: [false, true])
  func `an object that is removed is denied`(byRename: Bool) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.second.text, to: "world.yaml")
    let server = try ManifestServer(folder, path: "world.yaml")
    #expect(try server.lookup("cake") == .addresses(["10.96.1.3"]))
    try Self.change(folder, to: Self.first, byRename: byRename)
    #expect(try server.expect("cake", becomes: .denied, keeping: Self.first.addresses))
  }

  @Test func `an object that changes is answered with its new address`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.first.text, to: "world.yaml")
    let server = try ManifestServer(folder, path: "world.yaml")
    var moved = Self.first
    moved.addresses["milk"] = "10.96.9.9"
    try folder.replace("world.yaml", with: moved.text)
    #expect(
      try server.expect(
        "milk", becomes: .addresses(["10.96.9.9"]), keeping: ["tea": "10.96.1.1"]))
  }

  @Test func `a file that appears in a folder of manifests is read`() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path("manifests"), withIntermediateDirectories: true)
    try folder.write(Self.first.text, to: "manifests/a.yaml")
    let server = try ManifestServer(folder, path: "manifests")
    #expect(try server.lookup("tea") == .addresses(["10.96.1.1"]))
    let more = ManifestWorld(addresses: ["cake": "10.96.1.3"])
    try folder.write(more.text, to: "manifests/b.yaml")
    #expect(
      try server.expect(
        "cake", becomes: .addresses(["10.96.1.3"]), keeping: Self.first.addresses))
  }

  /// How the kubelet updates a mounted ConfigMap: a new folder, then `..data` renamed over.
  @Test(arguments: ["world.yaml", "."])
  func `a ConfigMap update is seen`(served: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path("mount"), withIntermediateDirectories: true)
    try Self.publish(Self.first, version: "..2026_1", in: folder)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("mount/world.yaml"), withDestinationPath: "..data/world.yaml")
    let server = try ManifestServer(folder, path: served == "." ? "mount" : "mount/\(served)")
    #expect(try server.lookup("cake") == .denied)
    try Self.publish(Self.second, version: "..2026_2", in: folder)
    try FileManager.default.removeItem(atPath: folder.path("mount/..2026_1"))
    #expect(
      try server.expect(
        "cake", becomes: .addresses(["10.96.1.3"]), keeping: Self.first.addresses))
    try Self.publish(Self.first, version: "..2026_3", in: folder)
    #expect(try server.expect("cake", becomes: .denied, keeping: Self.first.addresses))
  }

  /// What can happen to a file.
  enum Damage: String, CaseIterable, Sendable {
    case deleted, emptied, cut, notYAML, wrongTypes, binary
  }

  /// While the file is damaged every record stays; a good file afterwards shows that the server
  /// never stopped to look.
  @Test(arguments: Damage.allCases)
  func `a damaged file changes nothing`(damage: Damage) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.first.text, to: "world.yaml")
    let server = try ManifestServer(folder, path: "world.yaml")
    let outputBefore = server.daemon.output
    try Self.apply(damage, to: folder)
    // Time for the server to notice: it says so, or a second passes.
    _ = try waitUntil(.seconds(1)) {
      try Self.expectFirst(server)
      return server.daemon.output.count > outputBefore.count
    }
    try Self.expectFirst(server)
    try folder.replace("world.yaml", with: Self.second.text)
    #expect(
      try server.expect(
        "cake", becomes: .addresses(["10.96.1.3"]), keeping: Self.first.addresses))
    #expect(server.daemon.end == nil)
  }

  private static func expectFirst(_ server: ManifestServer) throws {
    for (service, address) in first.addresses {
      let answer = try server.lookup(service)
      #expect(answer == .addresses([address]))
    }
  }

  private static func apply(_ damage: Damage, to folder: TemporaryFolder) throws {
    let text = first.text
    switch damage {
    case .deleted: try FileManager.default.removeItem(atPath: folder.path("world.yaml"))
    case .emptied: try folder.write("", to: "world.yaml")
    case .cut: try folder.write(text + "---\napiVersion: v1\nkind: Serv", to: "world.yaml")
    case .notYAML: try folder.write("{[: not yaml\n\t- x", to: "world.yaml")
    case .wrongTypes:
      try folder.write(
        "apiVersion: v1\nkind: Service\nmetadata: 7\nspec: [1, 2]\n", to: "world.yaml")
    case .binary:
      let octets = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      try Data(octets).write(to: URL(fileURLWithPath: folder.path("world.yaml")))
    }
  }

  private static func change(
    _ folder: TemporaryFolder, to world: ManifestWorld, byRename: Bool
  ) throws {
    if byRename {
      try folder.replace("world.yaml", with: world.text)
    } else {
      try folder.write(world.text, to: "world.yaml")
    }
  }

  private static func publish(
    _ world: ManifestWorld, version: String, in folder: TemporaryFolder
  ) throws {
    let files = FileManager.default
    try files.createDirectory(
      atPath: folder.path("mount/\(version)"), withIntermediateDirectories: false)
    try folder.write(world.text, to: "mount/\(version)/world.yaml")
    try files.createSymbolicLink(
      atPath: folder.path("mount/..data_tmp"), withDestinationPath: version)
    try folder.rename("mount/..data_tmp", to: "mount/..data")
  }
}
