import DNSWire
import PluginChain
import Testing

/// `weighted` and `prefer` of `loadbalance`: which address comes first, and what stays as it is.
@Suite struct AddressOrderTests {
  private static let addresses = ["10.1.0.1", "10.2.0.1", "10.3.0.1", "10.2.0.2", "192.0.2.1"]
  private static let name = "db.shop.svc.cluster.local."

  private func server(_ directive: String, weights: String = "") async throws -> TestServer {
    let folder = try ManifestFolder(weights)
    let server = try await TestServer(
      """
      .:53 {
        \(directive.replacing("FILE", with: folder.path))
        kubernetes cluster.local {
          manifests MANIFESTS
        }
      }
      """,
      manifests: [
        Manifest.service("shop/db", "None"),
        Manifest.slice("shop/s", of: "db", Self.addresses.joined(separator: " ")),
        Manifest.service("shop/six", "None"),
        Manifest.slice("shop/t", of: "six", "fd00::1 fd01::1 fd00::2"),
        Manifest.alias("shop/alias", to: Self.name),
      ])
    for part in server.corefile.setup.parts where part.name == "loadbalance" {
      try await part.prepare(.serve)
    }
    return server
  }

  private func firsts(_ server: TestServer, _ count: Int) throws -> [String: Int] {
    let replies = try server.replies(Array(repeating: Ask(Self.name), count: count))
    var counts: [String: Int] = [:]
    for reply in replies {
      #expect(Set(reply.answers(.a)) == Set(Self.addresses))
      #expect(reply.answer.count == Self.addresses.count)
      counts[reply.answers(.a).first ?? "", default: 0] += 1
    }
    return counts
  }

  @Test func `the first address is drawn by weight`() async throws {
    let server = try await server(
      "loadbalance weighted FILE",
      weights: """
        # The database.
        other.example
        10.1.0.1 255

        DB.shop.svc.cluster.local
          10.1.0.1 6
        10.2.0.1\t3
        192.0.2.1 5
        192.0.2.1 255

        """)
    let drawCount = 3_200
    let counts = try firsts(server, drawCount)
    // 6, 3 and 5 by the file, and 1 for each of the others.
    let expected = ["10.1.0.1": 6, "10.2.0.1": 3, "10.3.0.1": 1, "10.2.0.2": 1, "192.0.2.1": 5]
    let chiSquare = expected.reduce(0.0) { sum, entry in
      let fair = Double(drawCount * entry.value) / 16
      let difference = Double(counts[entry.key] ?? 0) - fair
      return sum + difference * difference / fair
    }
    // Four degrees of freedom: above 23.5 once in ten thousand.
    #expect(chiSquare < 23.5, "\(counts)")
  }

  @Test func `only the first address changes its place`() async throws {
    let server = try await server(
      "loadbalance weighted FILE", weights: "\(Self.name)\n10.3.0.1 255\n")
    let replies = try server.replies(Array(repeating: Ask(Self.name), count: 50))
    for reply in replies {
      var list = reply.answers(.a)
      let place = try #require(list.firstIndex(of: Self.addresses[0]))
      list.swapAt(0, place)
      #expect(list == Self.addresses)
    }
    #expect(replies.count { $0.answers(.a).first == "10.3.0.1" } > 40)
  }

  @Test(arguments: [
    (["10.2.0.0/16"], ["10.2.0.1", "10.2.0.2"]),
    (["192.0.2.0/24", "10.2.0.0/16"], ["192.0.2.1", "10.2.0.1", "10.2.0.2"]),
    (["10.3.0.1/32", "0.0.0.0/0"], ["10.3.0.1"]), (["fd00::/8"], []), (["10.9.0.0/16"], []),
  ])
  func `preferred networks come first, in their order`(
    networks: [String], first: [String]
  ) async throws {
    let server = try await server(
      "loadbalance {\n prefer \(networks.joined(separator: " "))\n }")
    let replies = try server.replies(Array(repeating: Ask(Self.name), count: 40))
    // Within a network it stays a rotation.
    func places(_ list: [String]) -> [[String]] {
      networks.map { network in
        let part = network.split(separator: "/")
        let octets = (Int(part[1]) ?? 0) / 8
        let prefix = part[0].split(separator: ".").prefix(octets).joined(separator: ".")
        return list.filter { octets == 0 || ($0 + ".").hasPrefix(prefix + ".") }
      }
    }
    for reply in replies {
      let list = reply.answers(.a)
      #expect(Set(list) == Set(Self.addresses))
      #expect(Set(list.prefix(first.count)) == Set(first))
      if let one = first.first, networks[0].hasSuffix("/24") || networks[0].hasSuffix("/32") {
        #expect(list.first == one)
      }
      #expect(places(list).first?.isEmpty == first.isEmpty)
    }
    #expect(Set(replies.map { $0.answers(.a) }).count > 1)
  }

  @Test func `IPv6 too, and behind an alias`() async throws {
    let server = try await server("loadbalance {\n prefer fd01::/16 10.3.0.0/16\n }")
    for _ in 0..<10 {
      let six = try server.reply("six.shop.svc.cluster.local.", .aaaa)
      #expect(six.answers(.aaaa).first == "fd01::1")
      #expect(six.answer.count == 3)
      let alias = try server.reply("alias.shop.svc.cluster.local.", .a)
      #expect(alias.answer.first?.contains(" CNAME ") == true)
      #expect(alias.answers(.a).first == "10.3.0.1")
      #expect(Set(alias.answers(.a)) == Set(Self.addresses))
    }
  }

  @Test func `the top of weighted stands behind preferred networks`() async throws {
    let server = try await server(
      "loadbalance weighted FILE {\n prefer 10.2.0.0/16\n }",
      weights: "\(Self.name)\n10.1.0.1 255\n")
    for reply in try server.replies(Array(repeating: Ask(Self.name), count: 20)) {
      #expect(Set(reply.answers(.a).prefix(2)) == ["10.2.0.1", "10.2.0.2"])
    }
  }

  // MARK: - The file

  @Test(arguments: [
    ("10.0.0.1 3\n", "1: error: found \"10.0.0.1\", expected a domain name before it"),
    ("a.example\n10.0.0.1 3\n10.0.0.2\n", "3: error: found \"10.0.0.2\", expected a weight"),
    ("a.example\n10.0.0.1 0\n", "2: error: found \"0\", expected a weight from 1 to 255"),
    ("a.example\n10.0.0.1 256\n", "2: error: found \"256\", expected a weight"),
    ("a.example\n10.0.0.1 +5\n", "2: error: found \"+5\", expected a weight"),
    ("a.example\n\n# b\nten 3\n", "4: error: found \"ten\", expected an address"),
    ("a.example\n10.0.0.1 3 4\n", "2: error: found \"4\", expected an address and a weight"),
    ("a..example\n", "1: error: found \"a..example\", expected a domain name"),
  ])
  func `a wrong file ends the start with its place`(text: String, words: String) async throws {
    let error = await #expect(throws: StartError.self) {
      _ = try await server("loadbalance weighted FILE", weights: text)
    }
    let description = error?.description ?? ""
    #expect(description.hasPrefix("loadbalance: /"))
    #expect(description.contains("/world.yaml:" + words), "\(description)")
  }

  @Test func `a file that is not there is awaited, unless it is never read again`() async throws {
    let awaited = try await server("loadbalance weighted /none/weights")
    #expect(
      awaited.log == [
        "[WARNING] plugin/loadbalance: /none/weights: No such file or directory; it is tried again"
      ])
    #expect(try firsts(awaited, 10).count > 1)
    await #expect(throws: StartError.self) {
      _ = try await server("loadbalance weighted /none/weights {\n reload 0\n }")
    }
  }
}
