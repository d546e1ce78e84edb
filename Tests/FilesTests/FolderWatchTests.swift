import Files
import Foundation
import TestSupport
import Testing

/// Waiting for changes of folders, and for the end.
@Suite struct FolderWatchTests {
  @Test func `changes of a folder are events`() throws {
    let folder = try TemporaryFolder()
    var watch = try FolderWatch()
    let stop = try StopSignal()
    try watch.watch(folder.path)
    #expect(watch.events().isEmpty)
    try folder.write("a", to: "file")
    var kinds: [FolderEvent.Kind] = []
    // A process that another test just started may hold the file open for a moment.
    while kinds.last != .settled {
      let waking = stop.wait(for: watch.descriptor.number, milliseconds: 30_000)
      try #require(waking == .readable)
      let events = watch.events().filter { $0.folder == folder.path && $0.name == "file" }
      kinds += events.map(\.kind)
    }
    #expect(kinds.first == .created && kinds.last == .settled)
    try FileManager.default.removeItem(atPath: folder.path("file"))
    #expect(watch.events().map(\.kind) == [.settled])
  }

  @Test func `a folder that is missing cannot be watched`() throws {
    var watch = try FolderWatch()
    let folder = try TemporaryFolder()
    var failure: PosixProblem?
    do throws(PosixProblem) {
      try watch.watch(folder.path("none"))
    } catch {
      failure = error
    }
    #expect(failure?.message == "No such file or directory")
  }

  @Test func `a stop ends all waits from then on`() throws {
    let stop = try StopSignal()
    #expect(stop.wait(for: -1, milliseconds: 0) == .timedOut)
    // A time that has passed, and one that is a moment away.
    #expect(stop.wait(for: -1, from: 5, until: 5) == .timedOut)
    #expect(stop.wait(for: -1, from: 5, until: 0) == .timedOut)
    #expect(stop.wait(for: -1, from: 5, until: 6) == .timedOut)
    stop.give()
    stop.give()
    #expect(stop.wait(for: -1, milliseconds: 30_000) == .stopped)
    #expect(stop.wait(for: -1, from: 0, until: .max) == .stopped)
    #expect(stop.wait(for: 1, isWriting: true, milliseconds: -1) == .stopped)
  }

  @Test func `a descriptor can be waited for to write`() throws {
    let stop = try StopSignal()
    let pipe = Pipe()
    let (input, output) = (
      pipe.fileHandleForReading.fileDescriptor, pipe.fileHandleForWriting.fileDescriptor
    )
    #expect(stop.wait(for: output, isWriting: true, milliseconds: 30_000) == .readable)
    #expect(stop.wait(for: input, milliseconds: 0) == .timedOut)
    pipe.fileHandleForWriting.write(Data([1]))
    #expect(stop.wait(for: input, milliseconds: 30_000) == .readable)
  }
}
