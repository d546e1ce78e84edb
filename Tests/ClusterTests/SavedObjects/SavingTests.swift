import Cluster
import Foundation
import Synchronization
import TestSupport
import Testing

/// Files of objects that change while they are written, and files that cannot be written.
@Suite struct SavingTests {
  private static let pinnedCount = 1_500

  private static func service(_ number: Int) -> ClusterObject {
    ObjectText.service("shop/web-\(number)", "10.\(number >> 8 & 255).\(number & 255).1")
  }

  @Test func `what stays while everything else changes is in every file`() async throws {
    let world = try SavedWorld()
    let pinned = (0..<Self.pinnedCount).map(Self.service)
    let old = try SavedWorld.records(pinned + [ObjectText.namespace("shop")])
    let records = old.records
    let (isDone, isOver) = (Flag(), Flag())
    Thread.detachNewThread {
      var round = 0
      while !isDone.isSet {
        round += 1
        // Of other sizes each time: blocks go from one object to the next.
        let changes = (0..<20).map { number in
          let name = "other-\(number)-" + String(repeating: "x", count: round % 30)
          return round.isMultiple(of: 3)
            ? ObjectChange.delete(.service, ObjectText.objectKey("shop/\(name)"))
            : .set(ObjectText.service("shop/\(name)", "192.0.2.1 2001:db8::\(round % 9)"))
        }
        _ = try? records.apply(changes, now: 1)
      }
      isOver.set()
    }
    var overlapCount = 0
    let deadline = ContinuousClock.now + .seconds(60)
    while overlapCount < 5, ContinuousClock.now < deadline {
      let before = records.changeCount
      try world.file.save(records, time: 1)
      overlapCount += records.changeCount == before ? 0 : 1
      let new = try SavedWorld.records()
      try new.records.load(try world.file.read())
      let keys = Set(new.records.keys(of: .service))
      #expect(keys.isSuperset(of: pinned.map(\.key)))
      #expect(keys.allSatisfy { $0.namespace == "shop" })
      #expect(try new.records.declareStale(now: 1))
      #expect(new.lines(about: "web-7.shop.svc").count == 4)
    }
    #expect(overlapCount == 5, "something changed meanwhile")
    isDone.set()
    try await requireEventually { isOver.isSet }
    try world.file.save(records, time: 1)
    let new = try SavedWorld.records()
    try new.records.load(try world.file.read())
    #expect(try new.records.declareStale(now: 1))
    #expect(new.contents == old.contents)
  }

  @Test func `a file is whole or the one before, and its owner's alone`() throws {
    let world = try SavedWorld()
    try world.file.save(SavedWorld.records(SavedWorld.objects()).records, time: 1)
    let attributes = try FileManager.default.attributesOfItem(atPath: world.file.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder.path) == ["objects"])
    // What an interrupted writer left is no obstacle, nor is a link somebody put there.
    try world.folder.write("half", to: "objects.tmp")
    try world.file.save(SavedWorld.records([]).records, time: 2)
    #expect(try world.file.read().time == 2)
    let other = try world.folder.write("untouched", to: "other")
    try FileManager.default.createSymbolicLink(
      atPath: world.file.path + ".tmp", withDestinationPath: other)
    try world.file.save(SavedWorld.records([]).records, time: 3)
    #expect(try world.file.read().time == 3 && world.folder.read("other") == "untouched")
  }

  @Test(arguments: ["missing/objects", "objects.d", "/dev/full/objects"])
  func `a place that cannot be written is told`(path: String) throws {
    let world = try SavedWorld()
    try FileManager.default.createDirectory(
      atPath: world.folder.path("objects.d"), withIntermediateDirectories: true)
    let place = path.hasPrefix("/") ? path : world.folder.path(path)
    let file = SavedObjectsFile(path: place, terms: "")
    let records = try SavedWorld.records(SavedWorld.objects()).records
    #expect(throws: (any Error).self) { try file.save(records, time: 1) }
    let names = try FileManager.default.contentsOfDirectory(atPath: world.folder.path)
    #expect(names == ["objects.d"], "nothing is left behind")
  }
}
