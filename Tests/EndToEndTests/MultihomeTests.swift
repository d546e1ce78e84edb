import TestSupport
import Testing

/// On a wildcard address a reply leaves from the address that was asked (RFC 2181 section 4.1).
@Suite struct MultihomeTests {
  @Test(arguments: ["127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "::1"])
  func `a reply comes from the address that was asked`(host: String) throws {
    let server = try WireServer.shared()
    let asked = try #require(SocketAddress(host: host, port: server.port))
    let sourceHost = host.contains(":") ? "::1" : "127.0.0.77"
    let source = try #require(SocketAddress(host: sourceHost, port: 0))
    let query = Query("kubernetes.default.svc.cluster.local.", .a, id: 7).bytes
    let (reply, from) = try UDPChannel.exchange(
      query, with: asked, from: source, timeout: .seconds(20))
    #expect(from?.isSameEndpoint(as: asked) == true, "asked \(host)")
    #expect(try ParsedMessage(reply).records.map(\.data) == ["10.96.0.1"])
  }

  @Test(arguments: ["127.0.0.1", "127.1.2.3", "::1"])
  func `TCP is served on every address`(host: String) throws {
    let client = DNSClient(host: host, port: try WireServer.shared().port)
    let query = Query("kubernetes.default.svc.cluster.local.", .a, id: 8).bytes
    #expect(try ParsedMessage(client.tcp(query)).records.map(\.data) == ["10.96.0.1"])
  }
}
