import Foundation
import TestSupport
import Testing

/// `swiftlet explain`, over the example cluster: what is said, and that the answer is the server's.
@Suite struct ExplainTests {
  /// A question, and texts that the explanation must hold.
  struct Row: CustomTestStringConvertible {
    let question: String
    let expected: [String]
    var options = "pods insecure\n"

    init(_ question: String, _ expected: [String], options: String = "pods insecure\n") {
      self.question = question
      self.expected = expected
      self.options = options
    }

    var testDescription: String { question }
  }

  private static func corefile(_ options: String) -> String {
    let cluster = Fixture.repositoryRoot.appendingPathComponent("docs/examples/cluster").path
    return """
      .:53 {
          errors
          kubernetes cluster.local in-addr.arpa ip6.arpa {
              manifests \(cluster)
              ttl 30
              fallthrough in-addr.arpa ip6.arpa
              \(options)
          }
          forward . 192.0.2.1
          cache 30
      }
      example.net:53 {
          errors
      }

      """
  }

  private func explain(_ row: Row, _ more: [String] = []) throws -> CommandResult {
    let folder = try TemporaryFolder()
    let file = try folder.write(Self.corefile(row.options), to: "Corefile")
    let words = row.question.split(separator: " ").map(String.init)
    return try CommandResult.run(["explain", "-conf", file] + more + words, in: folder)
  }

  static let rows = [
    Row(
      "cart.shop.svc.cluster.local.",
      [
        "server block: .:53, zone .", "namespace shop: exists",
        "Service cart: cluster IP 10.96.20.1, ports http/tcp grpc/tcp",
        "kubernetes cluster.local in-addr.arpa ip6.arpa  <- answers",
        "answer: NOERROR by kubernetes",
        "cart.shop.svc.cluster.local.\t30\tIN\tA\t10.96.20.1",
        "considered example.net.: does not hold the name",
      ]),
    Row("cart.shop.svc.cluster.local. AAAA", ["answer: NODATA by kubernetes", "authority: "]),
    Row(
      "cart.shpo.svc.cluster.local.",
      ["namespace shpo: does not exist", "answer: NXDOMAIN by kubernetes"]),
    Row(
      "cartt.shop.svc.cluster.local.",
      ["Service cartt: does not exist in namespace shop", "answer: NXDOMAIN by kubernetes"]),
    Row(
      "cart.data.svc.cluster.local.",
      ["a Service of this name is in: shop", "answer: NXDOMAIN by kubernetes"]),
    Row(
      "batch.shop.svc.cluster.local.",
      [
        "Service batch: headless, ports http/tcp", "endpoints: no ready endpoint",
        "headless without a ready endpoint: the name does not exist", "answer: NXDOMAIN",
      ]),
    Row(
      "db-0.db.data.svc.cluster.local.",
      ["endpoint db-0: ready", "answer: NOERROR", "10.244.0.21"]),
    Row(
      "db-9.db.data.svc.cluster.local.",
      ["endpoint db-9: no ready endpoint of this name", "answer: NXDOMAIN"]),
    Row(
      "_http._tcp.cart.shop.svc.cluster.local. SRV",
      ["port http/tcp: is one of its ports", "answer: NOERROR", "additional: cart.shop"]),
    Row(
      "_https._tcp.cart.shop.svc.cluster.local. SRV",
      ["port https/tcp: none of its ports", "answer: NXDOMAIN"]),
    Row(
      "basket.shop.svc.cluster.local.",
      ["ExternalName, an alias of cart.shop.svc.cluster.local", "answer: NOERROR", "10.96.20.1"]),
    Row(
      "payments.shop.svc.cluster.local.",
      ["alias of www.example.org", "answer: an alias; forward would be asked for its target"]),
    Row(
      "cart.shop.svc.cluster.local.", ["namespace shop: left out, `namespaces` does not name it"],
      options: "namespaces default\n"),
    Row(
      "db.data.svc.cluster.local.",
      ["namespace data: left out, its labels do not match `namespace_labels`", "NXDOMAIN"],
      options: "namespace_labels tier=front\n"),
    Row(
      "cart.shop.svc.cluster.local.", ["or its labels do not match `labels`", "NXDOMAIN"],
      options: "labels app=catalog\n"),
    Row(
      "10-244-0-11.shop.pod.cluster.local.",
      ["pods insecure: any address is answered", "spells 10.244.0.11", "answer: NOERROR"]),
    Row(
      "10-244-0-11.shop.pod.cluster.local.",
      ["pods disabled: names of Pods do not exist", "answer: NXDOMAIN"], options: ""),
    Row("cart.shop.pod.cluster.local.", ["cart: spells no address", "answer: NXDOMAIN"]),
    Row(
      "cart.shop.cluster.local.",
      [
        "shop: names of the zone end in svc or pod",
        "there is a Service: its name is cart.shop.svc.cluster.local.",
      ]),
    Row(
      "1.20.96.10.in-addr.arpa. PTR",
      ["reverse zone", "fallthrough", "answer: NOERROR", "PTR\tcart.shop.svc.cluster.local."]),
    Row(
      "9.9.9.9.in-addr.arpa. PTR",
      [
        "answer: forward would be asked; it is not asked here", "forward . 192.0.2.1  <- would ask",
      ]),
    Row(
      "www.example.com.", ["answer: forward would be asked", "forward . 192.0.2.1  <- would ask"]),
    Row(
      "www.example.net.",
      [
        "server block: example.net:53, zone example.net.", "considered .: fits, but is shorter",
        "answer: SERVFAIL by the server", "error 0: no plugin answers for this name",
      ]),
    Row(
      "cart.shop",
      [
        "  cart.shop.default.svc.cluster.local. NXDOMAIN by kubernetes\n",
        "  cart.shop.svc.cluster.local. NOERROR by kubernetes, the resolver stops here\n",
        "  cart.shop.cluster.local. NXDOMAIN by kubernetes, not asked\n",
        "  cart.shop. forward would be asked; it is not asked here, not asked\n",
      ]),
    Row(
      "_http._tcp.cart.shop.svc.cluster.local SRV",
      ["\n  _http._tcp.cart.shop.svc.cluster.local. NOERROR by kubernetes, the resolver stops here"]
    ),
  ]

  @Test(arguments: rows)
  func `the steps are said`(row: Row) throws {
    let result = try explain(row)
    #expect(result.end == .exit(0), "\(result.standardError)")
    for text in row.expected {
      #expect(result.standardOutput.contains(text), "\(text)\n\(result.standardOutput)")
    }
  }

  @Test func `the namespace of the Pod counts`() throws {
    let row = Row(
      "cart", ["cart.shop.svc.cluster.local. NOERROR by kubernetes, the resolver stops"])
    let result = try explain(row, ["--namespace", "shop"])
    #expect(result.standardOutput.contains(row.expected[0]), "\(result.standardOutput)")
  }

  @Test func `JSON can be read`() throws {
    let row = Row("cart.shop", [])
    let result = try explain(row, ["--format", "json"])
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any])
    #expect(object["zone"] as? String == ".")
    #expect(object["code"] as? String == "FORWARDED")
    #expect((object["search"] as? [[String: Any]])?.count == 4)
    #expect((object["plugins"] as? [String])?.first == "errors")
    let facts = try #require(object["facts"] as? [String: [String]])
    #expect(facts["cache"] == ["no entry for this question"])
    #expect(facts["forward"] == ["192.0.2.1:53: not asked yet"])
  }

  @Test(arguments: [
    ["..", "A"], ["a.", "NOSUCH"], ["--client", "here", "a."],
    ["-dns.port", "54", "b.example.org."],
  ])
  func `what cannot be asked is an error`(words: [String]) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("example.org:53 {\n    errors\n}\n", to: "Corefile")
    let result = try CommandResult.run(["explain", "-conf", file] + words, in: folder)
    #expect(result.end == .exit(1))
    #expect(result.standardOutput.isEmpty)
    #expect(result.errorLines.count == 1)
  }
}
