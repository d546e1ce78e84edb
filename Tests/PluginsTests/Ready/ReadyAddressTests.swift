import Corefile
import PluginChain
import Plugins
import Testing

/// Where `ready` listens: the words of its argument.
@Suite struct ReadyAddressTests {
  @Test(arguments: [
    ":8181", "127.0.0.1:8181", "[::1]:8181", "localhost:8181", "0.0.0.0:1", ":65535", "[::]:8181",
  ])
  func `addresses that can be listened on`(address: String) {
    let corefile = SetUpCorefile(".:53 {\n ready \(address)\n}\n")
    #expect(corefile.diagnostics == [])
    #expect(corefile.setup.readyAddresses.keys.sorted() == [address])
    #expect(corefile.setup.readyEndpoints.map(\.name) == ["ready"])
  }

  @Test(arguments: [
    "8181", ":", ":0", ":65536", ":-1", ":http", ":+80", ":8181x", "127.0.0.1", "127.0.0.1:",
    "::1:8181", "a:b:80", "[::1", "[::1]", "[::1]8181", "[::1:8181", "::1]:8181", "[]:8181",
    "[x]:8181", "[127.0.0.1]:8181", "[[::1]]:8181",
  ])
  func `addresses that cannot`(address: String) {
    let corefile = SetUpCorefile(".:53 {\n ready \(address)\n}\n")
    #expect(
      corefile.diagnostics == [
        "2:8: error: found \"\(address)\", expected ADDRESS:PORT or :PORT"
      ])
    #expect(corefile.setup.readyEndpoints.isEmpty)
  }

  @Test func `one block that asks continuously is enough for the address`() {
    let text = """
      a.example:53 {
        ready
      }
      b.example:53 {
        ready {
          monitor continuously
        }
      }
      c.example:53 {
        ready :8182 {
          monitor until-ready
        }
      }
      """
    #expect(SetUpCorefile(text).setup.readyContinuously == [":8181"])
  }

  @Test func `one endpoint an address, for all server blocks`() {
    let text = """
      a.example:53 {
        ready
      }
      b.example:53 {
        ready
      }
      c.example:53 {
        ready 127.0.0.1:8182
      }
      d.example:53 {
        whoami
      }
      """
    let setup = SetUpCorefile(text).setup
    #expect(setup.readyAddresses.keys.sorted() == ["127.0.0.1:8182", ":8181"])
    #expect(setup.readyAddresses[":8181"]?.position.line == 2)
    #expect(setup.readyEndpoints.count == 2)
    #expect(SetUpCorefile(".:53 {\n whoami\n}\n").setup.readyEndpoints.isEmpty)
  }
}
