import Files
import Foundation
import TestSupport
import Testing

/// Watching what a path leads to.
@Suite struct PathWatchTests {
  /// What has come by the time that there is something.
  private func news(
    _ watch: inout PathWatch, _ stop: borrowing StopSignal
  ) -> PathWatch.News {
    #expect(stop.wait(for: watch.descriptor, milliseconds: 30_000) == .readable)
    return watch.takeEvents()
  }

  @Test func `a file that comes, is written, replaced and goes is news`() throws {
    let folder = try TemporaryFolder()
    let stop = try StopSignal()
    var watch = PathWatch(folder.path("file"))
    #expect(watch.descriptor == -1)
    try watch.renew()
    #expect(watch.takeEvents() == .nothing)
    try folder.write("a", to: "file")
    #expect(news(&watch, stop) == .settled)
    let handle = try #require(FileHandle(forWritingAtPath: folder.path("file")))
    try handle.write(contentsOf: Data("b".utf8))
    #expect(news(&watch, stop) == .writing)
    try handle.close()
    #expect(news(&watch, stop) == .settled)
    try folder.replace("file", with: "c")
    #expect(news(&watch, stop) == .settled)
    try folder.write("d", to: "other")
    #expect(news(&watch, stop) == .nothing)
    try FileManager.default.removeItem(atPath: folder.path("file"))
    #expect(news(&watch, stop) == .settled)
  }

  @Test func `a folder on the way is watched too`() throws {
    let folder = try TemporaryFolder()
    let stop = try StopSignal()
    var watch = PathWatch(folder.path("late/file"))
    try watch.renew()
    try FileManager.default.createDirectory(
      atPath: folder.path("late"), withIntermediateDirectories: false)
    #expect(news(&watch, stop) == .settled)
    try watch.renew()
    try folder.write("a", to: "late/file")
    #expect(news(&watch, stop) == .settled)
  }
}
