import Cluster
import DNSWire
import Glibc
import Synchronization
import Testing

/// The driver over real files: a folder of its own for each test.
@Suite struct ManifestSourceTests {
  private static let three = Fixture.documents(
    Fixture.service("a", ip: "10.0.0.1"), Fixture.service("b", ip: "10.0.0.2"),
    Fixture.service("c", ip: "10.0.0.3"))

  @Test func `a folder is its manifests in order of name`() throws {
    let folder = try TemporaryFolder()
    try folder.write("b.yml", Fixture.service("x", ip: "10.0.0.2"))
    try folder.write("a.yaml", Fixture.service("x", ip: "10.0.0.1"))
    try folder.write("c.json", #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"}}"#)
    for name in [".hidden.yaml", "..data.yaml", "d.txt", "yaml"] {
      try folder.write(name, Fixture.service("hidden"))
    }
    try folder.makeFolder("sub.yaml")
    let round = try ManifestSource(paths: [folder.path + "/"]).load()
    #expect(round.story == ["+Service shop/x", "+Namespace n"])
    #expect(round.problems.map(\.path) == ["\(folder.path)/b.yml"])
  }

  @Test func `paths that are not there are told, and the others loaded`() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.yaml", Fixture.service("a"))
    let paths = ["\(folder.path)/no.yaml", "\(folder.path)/a.yaml", "\(folder.path)/no/way"]
    let round = try ManifestSource(paths: paths).load()
    #expect(round.story == ["+Service shop/a"])
    #expect(round.problems.map(\.path) == [paths[0], paths[2]])
    #expect(Set(round.problems.map(\.message)) == ["there is no such file or folder"])
    #expect(round.problems.allSatisfy { $0.severity == .error })
  }

  @Test func `what is no file of text is told`() throws {
    let folder = try TemporaryFolder()
    try folder.makePipe("pipe.yaml")
    try folder.link("loop.yaml", to: "loop.yaml")
    try folder.link("nowhere.yaml", to: "nothing")
    let round = try ManifestSource(paths: [folder.path, "/dev/zero"]).load()
    #expect(round.changes == [])
    #expect(
      round.problems.map(\.path).sorted() == ["/dev/zero"]
        + ["loop", "nowhere", "pipe"].map { "\(folder.path)/\($0).yaml" })
  }

  @Test func `changes are followed`() throws {
    let folder = try TemporaryFolder()
    try folder.write("web.yaml", Self.three)
    let followed = try Followed([folder.path])
    #expect(followed.names == ["Service shop/a", "Service shop/b", "Service shop/c"])
    try folder.write("web.yaml", Fixture.service("b", ip: "10.0.0.9"))
    try followed.wait { $0.names == ["Service shop/b"] && $0.address("b") == "10.0.0.9" }
    try folder.write("new.yaml", Fixture.service("d"))
    try followed.wait { $0.names == ["Service shop/b", "Service shop/d"] }
    #expect(followed.problems == [])
    followed.stop()
  }

  @Test func `a file is followed when another takes its name`() throws {
    let folder = try TemporaryFolder()
    try folder.write("web.yaml", Self.three)
    let followed = try Followed(["\(folder.path)/web.yaml"])
    try folder.write("other", Fixture.service("z"))
    try folder.rename("other", "web.yaml")
    try followed.wait { $0.names == ["Service shop/z"] }
    #expect(followed.problems == [])
    followed.stop()
  }

  @Test func `a mounted ConfigMap is followed through its link`() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("..one")
    try folder.write("..one/web.yaml", Self.three)
    try folder.link("..data", to: "..one")
    try folder.link("web.yaml", to: "..data/web.yaml")
    let byFolder = try Followed([folder.path])
    let byFile = try Followed(["\(folder.path)/web.yaml"])
    #expect(byFolder.names.count == 3)
    try folder.makeFolder("..two")
    try folder.write("..two/web.yaml", Fixture.service("z"))
    try folder.link("..data_tmp", to: "..two")
    try folder.rename("..data_tmp", "..data")
    for followed in [byFolder, byFile] {
      try followed.wait { $0.names == ["Service shop/z"] }
      #expect(followed.problems == [])
      followed.stop()
    }
  }

  @Test func `a file that is deleted, emptied, broken or cut loses nothing`() throws {
    let folder = try TemporaryFolder()
    try folder.write("web.yaml", Self.three)
    let followed = try Followed([folder.path], lookInterval: .milliseconds(50))
    let before = followed.objects
    try folder.delete("web.yaml")
    try followed.wait { $0.problems.count == 1 }
    try folder.write("web.yaml", "")
    try followed.wait { $0.problems.count == 2 }
    try folder.write("web.yaml", "a: [")
    try followed.wait { $0.problems.count == 3 }
    try folder.write("web.yaml", octets: [0, 0xFF, 0x80, 0x0A])
    try followed.wait { $0.problems.count == 4 }
    let octets = Array(Self.three.utf8)
    for (index, count) in stride(from: 10, to: octets.count, by: 10).enumerated() {
      try folder.write("web.yaml", octets: Array(octets.prefix(count)))
      try followed.wait { $0.problems.count == 5 + index }
    }
    #expect(followed.objects == before)
    #expect(followed.problems.allSatisfy { $0.severity == .warning })
    try folder.write("web.yaml", Fixture.emptyList)
    try followed.wait { $0.objects.isEmpty }
    followed.stop()
  }

  @Test func `a file is read when its writer is done, not before`() throws {
    let folder = try TemporaryFolder()
    try folder.write("web.yaml", Self.three)
    let followed = try Followed([folder.path])
    let writer = try folder.open("web.yaml")
    writer.write(Fixture.service("a", ip: "10.0.0.7"))
    // Another file's change shows that the events of the first have been seen.
    try folder.write("other.yaml", Fixture.service("z"))
    try followed.wait { $0.names.count == 4 }
    #expect(followed.address("a") == "10.0.0.1")
    writer.write("---\n" + Fixture.service("b", ip: "10.0.0.8"))
    writer.close()
    try followed.wait { $0.address("b") == "10.0.0.8" }
    #expect(followed.names == ["Service shop/a", "Service shop/b", "Service shop/z"])
    #expect(followed.problems == [])
    followed.stop()
  }

  @Test func `files and folders that come later are followed`() throws {
    let folder = try TemporaryFolder()
    let paths = ["\(folder.path)/one.yaml", "\(folder.path)/more"]
    let followed = try Followed(paths)
    #expect(followed.problems.map(\.path) == paths)
    try folder.write("one.yaml", Fixture.service("a"))
    try followed.wait { $0.names == ["Service shop/a"] }
    try folder.makeFolder("more")
    try folder.write("more/two.yaml", Fixture.service("b"))
    try followed.wait { $0.names == ["Service shop/a", "Service shop/b"] }
    try folder.write("more/two.yaml", Fixture.service("c"))
    try followed.wait { $0.names == ["Service shop/a", "Service shop/c"] }
    followed.stop()
  }

  @Test func `a folder that goes away keeps its objects, and is followed when it is back`() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("conf")
    try folder.write("conf/web.yaml", Self.three)
    let followed = try Followed(["\(folder.path)/conf"])
    try folder.rename("conf", "old")
    try followed.wait { $0.problems.count == 1 }
    #expect(followed.names.count == 3)
    try folder.makeFolder("conf")
    try folder.write("conf/web.yaml", Fixture.service("z"))
    try followed.wait { $0.names == ["Service shop/z"] }
    followed.stop()
  }

  @Test func `a burst of many files ends in the state of the last`() throws {
    let folder = try TemporaryFolder()
    let followed = try Followed([folder.path])
    for turn in 0..<5 {
      for file in 0..<40 {
        try folder.write("f\(file).yaml", Fixture.service("s\(file)", ip: "10.0.\(turn).\(file)"))
      }
    }
    try followed.wait { followed in
      (0..<40).allSatisfy { followed.address("s\($0)") == "10.0.4.\($0)" }
    }
    #expect(followed.problems == [])
    followed.stop()
  }

  @Test func `nothing is told after stop, which may be said twice or from within`() throws {
    let folder = try TemporaryFolder()
    try folder.write("web.yaml", Self.three)
    let source = try ManifestSource(paths: [folder.path])
    _ = source.load()
    let count = Counter()
    let isFollowed = source.follow { [weak source] _ in
      source?.stop()
      count.add()
    }
    #expect(isFollowed)
    try folder.write("web.yaml", Fixture.service("a"))
    try waitUntil { count.value == 1 }
    source.stop()
    source.stop()
    try folder.write("web.yaml", Fixture.service("b"))
    #expect(count.value == 1)
  }

  @Test func `a file that is gone is told once`() throws {
    let folder = try TemporaryFolder()
    try folder.write("web.yaml", Self.three)
    let paths = ["web.yaml", "other.yaml"].map { "\(folder.path)/\($0)" }
    try folder.write("other.yaml", Fixture.service("y"))
    let followed = try Followed(paths)
    try folder.delete("web.yaml")
    try followed.wait { $0.problems.count == 1 }
    // The next look is over when the other file's change is here.
    try folder.write("other.yaml", Fixture.service("z"))
    try followed.wait { $0.names.contains("Service shop/z") }
    try folder.write("web.yaml", Fixture.service("a"))
    try followed.wait { $0.names == ["Service shop/a", "Service shop/z"] }
    #expect(followed.problems.count == 1)
    followed.stop()
  }

  @Test func `a link to a folder that is not watched is looked at`() throws {
    let folder = try TemporaryFolder()
    let elsewhere = try TemporaryFolder()
    try elsewhere.write("web.yaml", Self.three)
    try folder.link("web.yaml", to: "\(elsewhere.path)/web.yaml")
    let followed = try Followed([folder.path], lookInterval: .milliseconds(50))
    try elsewhere.write("web.yaml", Fixture.service("z"))
    try followed.wait { $0.names == ["Service shop/z"] }
    followed.stop()
  }

  @Test func `a writer that is not done for long is told, once`() throws {
    let folder = try TemporaryFolder()
    try folder.write("web.yaml", Self.three)
    let followed = try Followed([folder.path], lookInterval: .milliseconds(50))
    let writer = try folder.open("web.yaml")
    writer.write(Fixture.service("z"))
    try followed.wait { $0.problems.count == 1 }
    #expect(followed.problems.first?.message.contains("still being written") == true)
    #expect(followed.names.count == 3)
    writer.close()
    try followed.wait { $0.names == ["Service shop/z"] }
    #expect(followed.problems.count == 1)
    followed.stop()
  }
}
