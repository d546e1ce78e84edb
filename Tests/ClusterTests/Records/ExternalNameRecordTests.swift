import Cluster
import Testing

/// ExternalName Services (Kubernetes DNS specification §2.5).
@Suite struct ExternalNameRecordTests {
  /// A name and the CNAME's target; `nil` is no record at all.
  static let targets: [(text: String, target: String?)] = [
    ("example.org", "example.org."),
    ("example.org.", "example.org."),
    ("Example.ORG", "Example.ORG."),
    ("cart.shop.svc.cluster.local", "cart.shop.svc"),
    ("single", "single."),
    ("_dmarc.example.org", "_dmarc.example.org."),
    // CoreDNS has no CNAME to an address, and none is possible.
    ("192.0.2.1", nil), ("2001:db8::1", nil), ("::", nil),
    ("", nil), (".", nil), ("..", nil), (".example.org", nil), ("example..org", nil),
    ("example.org..", nil),
    (String(repeating: "a", count: 63) + ".org", String(repeating: "a", count: 63) + ".org."),
    (String(repeating: "a", count: 64) + ".org", nil),
    (Array(repeating: "abcdefg", count: 31).joined(separator: ".") + ".123456", nil),
    (Array(repeating: "abcdefg", count: 32).joined(separator: "."), nil),
    (String(repeating: "a.", count: 2_000), nil),
    // Almost addresses are names.
    ("192.0.2", "192.0.2."), ("192.0.2.256", "192.0.2.256."), ("192.0.2.01", "192.0.2.01."),
  ]

  @Test(arguments: targets)
  func `what an external name becomes`(text: String, target: String?) throws {
    let world = try RecordWorld()
    try world.set(ObjectText.alias("shop/out", to: text))
    var expected = target.map { ["out.shop.svc CNAME \($0)"] } ?? []
    if text.hasPrefix("abcdefg") { expected = Self.longName(text) }
    #expect(world.lines == expected)
    #expect(!world.emptyNames.contains("out.shop.svc"))
  }

  /// 255 octets fit, 256 do not (RFC 1035 §2.3.4).
  private static func longName(_ text: String) -> [String] {
    text.utf8.count + 2 <= 255 ? ["out.shop.svc CNAME \(text)."] : []
  }

  @Test func `endpoints and cluster IPs of an external name count for nothing`() throws {
    let world = try RecordWorld()
    try world.set(
      ObjectText.service(
        "shop/out", "10.96.0.1", type: .externalName, externalName: "example.org"),
      ObjectText.slice("shop/a", of: "out", "10.244.0.1"))
    #expect(world.lines == ["out.shop.svc CNAME example.org."])
  }
}
