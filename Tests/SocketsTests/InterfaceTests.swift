import Sockets
import Testing

/// The interfaces of the machine that the tests run on.
@Suite struct InterfaceTests {
  @Test func `the loopback is there and known for what it is`() throws {
    let all = InterfaceAddress.all()
    let loopback = try #require(all.first { $0.address == .loopback() })
    #expect(loopback.isLoopback)
    #expect(!loopback.interface.isEmpty)
    for entry in all where entry.address == .loopbackV6() { #expect(entry.isLoopback) }
  }

  @Test func `addresses are specific, without port, and link-local ones have a scope`() {
    for entry in InterfaceAddress.all() {
      #expect(entry.address.port == 0)
      #expect(!entry.address.isWildcard)
      let isLinkLocal = entry.address.isV6 && entry.address.high >> 54 == 0x3FA
      #expect((entry.address.scope != 0) == isLinkLocal, "\(entry)")
    }
  }

  @Test func `every address can be bound`() throws {
    for entry in InterfaceAddress.all() where entry.isLoopback {
      #expect(try UDPSocket(entry.address).local.port != 0)
    }
  }
}
