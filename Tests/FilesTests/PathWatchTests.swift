import Files
import Foundation
import TestSupport
import Testing

/// Watching what a path leads to.
@Suite struct PathWatchTests {
  /// Waits until the news are these. Others may come before them: a file counts as open for as long
  /// as a process that some other test has started holds it, too.
  private func expect(
    _ wanted: PathWatch.News, _ watch: inout PathWatch, _ stop: borrowing StopSignal,
    _ location: SourceLocation = #_sourceLocation
  ) {
    var news = PathWatch.News.nothing
    while news != wanted, stop.wait(for: watch.descriptor, milliseconds: 30_000) == .readable {
      news = watch.takeEvents()
    }
    #expect(news == wanted, sourceLocation: location)
  }

  @Test func `a file that comes, is written, replaced and goes is news`() throws {
    let folder = try TemporaryFolder()
    let stop = try StopSignal()
    var watch = PathWatch()
    #expect(watch.descriptor == -1)
    try watch.renew([folder.path("file")])
    #expect(watch.takeEvents() == .nothing)
    try folder.write("a", to: "file")
    expect(.settled, &watch, stop)
    let handle = try #require(FileHandle(forWritingAtPath: folder.path("file")))
    try handle.write(contentsOf: Data("b".utf8))
    expect(.writing, &watch, stop)
    try handle.close()
    expect(.settled, &watch, stop)
    try folder.replace("file", with: "c")
    expect(.settled, &watch, stop)
    try FileManager.default.removeItem(atPath: folder.path("file"))
    expect(.settled, &watch, stop)
  }

  @Test func `other files are no news`() throws {
    let folder = try TemporaryFolder()
    let stop = try StopSignal()
    var watch = PathWatch()
    try watch.renew([folder.path("file")])
    try folder.write("a", to: "other")
    #expect(stop.wait(for: watch.descriptor, milliseconds: 30_000) == .readable)
    #expect(watch.takeEvents() == .nothing)
  }

  @Test func `with its folder in scope a file beside it is news, its mode is not`() throws {
    let folder = try TemporaryFolder()
    let stop = try StopSignal()
    let path = try folder.write("a", to: "file")
    let beside = try folder.write("a", to: "beside")
    var watch = PathWatch(scope: .folders)
    try watch.renew([path])
    let manager = FileManager.default
    try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: beside)
    #expect(stop.wait(for: watch.descriptor, milliseconds: 30_000) == .readable)
    #expect(watch.takeEvents() == .nothing)
    try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    expect(.settled, &watch, stop)
    try manager.removeItem(atPath: beside)
    expect(.settled, &watch, stop)
  }

  @Test func `a folder on the way is watched too`() throws {
    let folder = try TemporaryFolder()
    let stop = try StopSignal()
    var watch = PathWatch()
    try watch.renew([folder.path("late/file")])
    try FileManager.default.createDirectory(
      atPath: folder.path("late"), withIntermediateDirectories: false)
    expect(.settled, &watch, stop)
    try watch.renew([folder.path("late/file")])
    try folder.write("a", to: "late/file")
    expect(.settled, &watch, stop)
  }

  /// The folder may come at any moment between the walk along the path and the first event.
  @Test func `a folder that comes while its place is being watched is not missed`() throws {
    let stop = try StopSignal()
    for _ in 0..<200 {
      let folder = try TemporaryFolder()
      let (late, file) = (folder.path("late"), folder.path("late/file"))
      let writer = PosixThread.start {
        try? FileManager.default.createDirectory(
          atPath: late, withIntermediateDirectories: false)
        // What comes before the file makes room for a look that does not find it.
        for name in (0..<5).map({ "\(late)/\($0)" }) + [file] {
          _ = FileManager.default.createFile(atPath: name, contents: nil)
        }
      }
      var watch = PathWatch()
      try watch.renew([file])
      while PosixFile.status(file) == .missing {
        let waking = stop.wait(for: watch.descriptor, milliseconds: 60_000)
        try #require(waking == .readable)
        if watch.takeEvents() != .nothing { try watch.renew([file]) }
      }
      writer?.join()
    }
  }
}
