import PluginChain
import TestSupport
import Testing

/// The weight file of `loadbalance weighted` is read again when it has changed.
@Suite struct WeightReloadTests {
  @Test func `a new file counts, a wrong one is told and changes nothing`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("a.example\n10.0.0.1 1\n", to: "weights")
    let corefile = SetUpCorefile(
      """
      .:53 {
        root \(folder.path)
        loadbalance weighted weights {
          reload 10ms
        }
      }
      """)
    let part = try #require(corefile.setup.parts.first { $0.name == "loadbalance" })
    try await part.prepare(.serve)
    func log(_ count: Int) async -> [String] {
      _ = await eventually { corefile.log.lines.count >= count }
      return corefile.log.lines
    }
    let path = folder.path("weights")
    try await whileRunning(part.run) {
      try folder.replace("weights", with: "a.example\n10.0.0.1 2\n")
      let read = "[INFO] plugin/loadbalance: read \(path) again"
      #expect(await log(1) == [read])
      try folder.replace("weights", with: "a.example\n10.0.0.1 many\n")
      let wrong = await log(2).last ?? ""
      #expect(wrong.hasPrefix("[ERROR] plugin/loadbalance: \(path):2: error: found \"many\""))
      try folder.replace("weights", with: "a.example\n10.0.0.1 33\n")
      // What was wrong was told once.
      #expect(await log(3).dropFirst(2) == [read])
    }
  }
}
