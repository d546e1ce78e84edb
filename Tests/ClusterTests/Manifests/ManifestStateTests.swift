import Cluster
import DNSWire
import Testing

@Suite struct ManifestStateTests {
  private static let three = Fixture.documents(
    Fixture.service("a", ip: "10.0.0.1"), Fixture.service("b", ip: "10.0.0.2"),
    Fixture.service("c", ip: "10.0.0.3"))

  @Test func `a file's first look sets all objects`() {
    let round = load(Self.three)
    #expect(round.story == ["+Service shop/a", "+Service shop/b", "+Service shop/c"])
    #expect(round.problems == [])
  }

  @Test func `the same octets, and other octets with the same objects, change nothing`() {
    var state = ManifestState()
    _ = state.put(Self.three)
    #expect(state.put(Self.three) == ManifestRound())
    #expect(state.put("# hello\n" + Self.three) == ManifestRound())
  }

  @Test func `an object that differs is set, one that is no longer named leaves`() {
    var state = ManifestState()
    _ = state.put(Self.three)
    let round = state.put(
      Fixture.documents(
        Fixture.service("b", ip: "10.0.0.9"), Fixture.service("c", ip: "10.0.0.3"),
        Fixture.service("d")))
    #expect(round.story == ["-Service shop/a", "+Service shop/b", "+Service shop/d"])
    #expect(round.problems == [])
    #expect(state.objectCount == 3)
  }

  @Test func `a List without items removes everything on purpose`() {
    var state = ManifestState()
    _ = state.put(Self.three)
    #expect(
      state.put(Fixture.emptyList).story == [
        "-Service shop/a", "-Service shop/b", "-Service shop/c",
      ])
    #expect(state.remove() == ManifestRound())
    #expect(state.paths == [])
  }

  // MARK: - Nothing that was good is lost

  @Test(arguments: [
    ("", "the file is empty"), ("# later\n", "the file is empty"), ("---\n", "the file is empty"),
    ("a: [", "did not find expected node content"), ("\u{7}", "control characters"),
    (String(three.prefix(three.utf8.count - 1)), "cut short"),
    (String(three.prefix(three.utf8.count / 3)), "cut short"),
  ])
  func `a file that is not as it should be keeps everything`(text: String, story: String) {
    var state = ManifestState()
    _ = state.put(Self.three)
    let round = state.put(text)
    #expect(round.changes == [])
    #expect(round.problems.count == 1)
    let problem = round.problems.first
    #expect(problem?.severity == .warning)
    #expect(problem?.message.contains(story) == true, "\(problem?.message ?? "")")
    #expect(problem?.message.contains("its 3 objects stay as they were") == true)
    #expect(problem?.message.contains("kind List with items: []") == true)
    #expect(state.put(text) == ManifestRound(), "the warning is told once")
    #expect(state.put(Self.three) == ManifestRound())
    #expect(
      state.put(Fixture.service("a", ip: "10.0.0.1") + "# less\n").story == [
        "-Service shop/b", "-Service shop/c",
      ])
  }

  @Test func `a file that is gone or cannot be read keeps everything`() {
    for (input, story) in [
      (ManifestInput.missing, "the file is gone"),
      (.unreadable("Permission denied"), "Permission denied"),
    ] {
      var state = ManifestState()
      let path = ManifestPath(source: 0, path: "web.yaml")
      _ = state.put(Self.three)
      let round = state.apply([path: input])
      #expect(round.changes == [])
      #expect(round.problems.map(\.severity) == [.warning])
      #expect(round.problems.first?.message.contains(story) == true)
      #expect(state.apply([path: input]) == ManifestRound())
      #expect(
        state.put(Fixture.service("a")).story == [
          "+Service shop/a", "-Service shop/b", "-Service shop/c",
        ])
    }
  }

  @Test func `every prefix of a good file keeps everything`() {
    let octets = Array(Self.three.utf8)
    for count in 0..<octets.count {
      var state = ManifestState()
      _ = state.put(octets)
      let round = state.put(Array(octets.prefix(count)))
      #expect(round.changes == [], "\(count)")
      #expect(round.problems.count == 1)
    }
  }

  @Test func `a file rewritten bit by bit after a cut loses nothing on the way`() {
    var state = ManifestState()
    _ = state.put(Self.three)
    let octets = Array((Self.three + "---\n" + Fixture.service("d")).utf8)
    for count in stride(from: 0, to: octets.count, by: 7) {
      for case .delete(_, let key) in state.put(Array(octets.prefix(count))).changes {
        Issue.record("\(key) was lost at \(count)")
      }
    }
    _ = state.put(octets)
    #expect(state.objectCount == 4)
  }

  @Test(arguments: [
    Fixture.service("b", ip: "10.0.0.300"),
    "apiVersion: v1\nkind: Service\nmetadata: {name: b, namespace: shop}\nspec: []\n",
    Fixture.service("b", ip: "10.0.0.77").replacing("port: 80", with: "port: 0"),
  ])
  func `an object that became invalid keeps its previous version`(text: String) {
    var state = ManifestState()
    _ = state.put(Self.three)
    let round = state.put(
      Fixture.documents(Fixture.service("a", ip: "10.0.0.9"), text))
    #expect(round.story == ["+Service shop/a", "-Service shop/c"])
    #expect(round.problems.map(\.severity) == [.warning])
    #expect(round.problems.first?.message.hasSuffix("; the object stays as it was") == true)
    #expect(state.put(Self.three).story == ["+Service shop/a", "+Service shop/c"])
  }

  @Test func `an object with bad elements from the start follows its manifest`() throws {
    var state = ManifestState()
    let bad = Fixture.service("a").replacing("port: 80}", with: "port: 80}, {port: 0}")
    #expect(state.put(bad).objects.count == 1)
    let round = state.put(bad.replacing("10.96.0.10", with: "10.96.0.11"))
    #expect(try #require(round.service).clusterIPs.map(\.description) == ["10.96.0.11"])
    #expect(round.problems.map(\.severity) == [.error])
  }

  @Test(arguments: [
    "kind: Service\n", "apiVersion: v1\nkind: Service\nmetadata: {name: C_}\n", "hello\n",
    "apiVersion: v1\nkind: List\nitems:\n",
  ])
  func `a document that cannot be told keeps what is no longer named`(text: String) {
    var state = ManifestState()
    _ = state.put(Self.three)
    let round = state.put(
      Fixture.documents(
        Fixture.service("a", ip: "10.0.0.9"), Fixture.service("b", ip: "10.0.0.2"), text))
    #expect(round.story == ["+Service shop/a"])
    #expect(round.problems.map(\.severity) == [.error, .warning])
    #expect(round.problems.last?.message.hasSuffix("stay: Service shop/c") == true)
    #expect(
      state.put(Fixture.service("a", ip: "10.0.0.9") + "#\n").story == [
        "-Service shop/b", "-Service shop/c",
      ])
  }

  @Test func `a file may grow, and shrink elsewhere than at its end`() {
    var state = ManifestState()
    _ = state.put(Self.three)
    #expect(state.put(Self.three + "---\n" + Fixture.service("d")).story == ["+Service shop/d"])
    let rest = Fixture.documents(
      Fixture.service("b", ip: "10.0.0.2"), Fixture.service("c", ip: "10.0.0.3"),
      Fixture.service("d"))
    #expect(state.put(rest).story == ["-Service shop/a"])
  }

  @Test func `problems of one file are counted beyond a hundred`() {
    let round = load(
      (0..<300).map { Fixture.service("s\($0)", ip: "x") }.joined(separator: "---\n"))
    #expect(round.problems.count == 101)
    #expect(round.problems.last?.message == "200 more problems")
  }
}
