import DNSWire
import PluginChain
import Testing

/// Names of pod addresses, in the three modes.
@Suite struct KubernetesPodNameTests {
  private static let zone = "pod.cluster.local."

  /// A name and what it gives in `insecure` and in `verified` mode: addresses, `-` for NODATA,
  /// nothing for NXDOMAIN. `shop` has a running pod with 10.244.0.7 and a failed one with .8.
  static let names: [(name: String, type: RRType, insecure: String, verified: String)] = [
    ("10-244-0-7.shop", .a, "10.244.0.7", "10.244.0.7"),
    ("10-244-0-7.SHOP", .any, "10.244.0.7", "10.244.0.7"),
    ("10-244-0-7.shop", .aaaa, "-", "-"), ("10-244-0-7.shop", .txt, "-", "-"),
    ("10-244-0-8.shop", .a, "10.244.0.8", ""), ("192-0-2-1.shop", .a, "192.0.2.1", ""),
    ("192-0-2-1.void", .a, "192.0.2.1", ""), ("192-0-2-1.no", .a, "", ""),
    ("fd00--5.shop", .aaaa, "fd00::5", ""), ("FD00--5.shop", .a, "-", ""),
    ("--1.shop", .aaaa, "::1", ""), ("1-2-3-4-5-6-7-8.shop", .aaaa, "1:2:3:4:5:6:7:8", ""),
    ("--ffff-c000-201.shop", .a, "192.0.2.1", ""),
    ("shop", .a, "-", "-"), ("void", .a, "-", "-"), ("no", .a, "", ""),
    ("web.shop", .a, "", ""), ("10-244-0.shop", .a, "", ""), ("10-244-0-256.shop", .a, "", ""),
    ("10-244-0-07.shop", .a, "", ""), ("10\\.244\\.0\\.7.shop", .a, "", ""),
    ("a.10-244-0-7.shop", .a, "", ""), ("10-244-0-7.shop.shop", .a, "", ""),
  ]

  @Test(arguments: names)
  func `a pod's name`(name: String, type: RRType, insecure: String, verified: String) async throws {
    for (mode, wanted) in [("insecure", insecure), ("verified", verified), ("disabled", "")] {
      let server = try await ClusterServer.make("pods \(mode)")
      let reply = try server.reply("\(name).\(Self.zone)", type)
      #expect(reply.code == (wanted.isEmpty ? .nameError : .noError), "\(mode)")
      let data = reply.answer.compactMap { $0.split(separator: " ").last.map(String.init) }
      #expect(data == (["", "-"].contains(wanted) ? [] : [wanted]), "\(mode)")
      #expect(reply.authority.count == (data.isEmpty ? 1 : 0))
    }
  }

  @Test func `a missing pod's name falls through like any other`() async throws {
    let server = try await ClusterServer.make("pods insecure\n fallthrough", more: "whoami")
    #expect(try server.reply("x.shop.\(Self.zone)").additional.count == 2)
    #expect(try server.reply("10-0-0-1.no.\(Self.zone)").additional.count == 2)
    #expect(try server.reply("10-0-0-1.shop.\(Self.zone)").answers(.a) == ["10.0.0.1"])
  }
}
