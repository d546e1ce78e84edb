import DNSWire
import PluginChain
import Plugins
import Testing

/// The directive `loop` and queries that look like its probes; loops themselves are found in the
/// end-to-end tests, where there are upstreams.
@Suite struct LoopTests {
  private func errors(_ line: String) -> [String] {
    SetUpCorefile(".:53 {\n\(line)\nforward . 192.0.2.1\n}\n").diagnostics
      .filter { $0.contains(": error: ") }
  }

  @Test func `loop stands alone`() {
    #expect(errors("loop") == [])
    let corefile = SetUpCorefile(".:53 {\nloop\nforward . 192.0.2.1\n}\n")
    #expect(corefile.setup.metrics.contains { $0.name == "swiftlet_loop_upstreams" })
  }

  @Test(arguments: ["loop now", "loop {\na\n}"])
  func `anything else is an error where it stands`(line: String) {
    let found = errors(line)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("2:") == true || found.first?.hasPrefix("3:") == true)
  }

  @Test func `twice is once too often`() {
    #expect(errors("loop\nloop").count == 1)
  }

  @Test func `a HINFO query that is no probe of ours passes`() async throws {
    let server = try await TestServer(".:53 {\nloop\nwhoami\n}\n")
    let name = String(repeating: "0123456789abcdef", count: 2) + ".example.org."
    let reply = try server.reply(Ask(name, RRType(rawValue: 13)))
    #expect(reply.code == .noError, "whoami answers it")
  }
}
