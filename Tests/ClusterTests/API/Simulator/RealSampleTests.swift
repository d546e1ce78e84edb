import APISimulator
import Foundation
import TestSupport
import Testing

/// What kube-apiserver wrote in JSON, written in protobuf by the simulator, is what kube-apiserver
/// wrote in protobuf: octet for octet.
@Suite struct RealSampleTests {
  @Test(arguments: [ResourceKind.services, .namespaces, .pods])
  func `a list`(kind: ResourceKind) throws {
    let json = try Self.tree(Data(contentsOf: Self.file("\(kind.plural)-list.json")))
    let octets = KubernetesWire.list(
      json["items"].elements, metadata: json["metadata"], kind)
    #expect(!json["items"].elements.isEmpty)
    #expect(try octets == [UInt8](Data(contentsOf: Self.file("\(kind.plural)-list.pb"))))
  }

  @Test(arguments: [ResourceKind.services, .endpointSlices, .namespaces])
  func `a watch with first objects and bookmarks`(kind: ResourceKind) throws {
    let text = try Data(contentsOf: Self.file("\(kind.plural)-watch.json"))
    var octets: [UInt8] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let event = try Self.tree(line)
      octets += KubernetesWire.event(event["type"].text, event["object"], kind)
    }
    #expect(try octets == [UInt8](Data(contentsOf: Self.file("\(kind.plural)-watch.pb"))))
  }

  @Test func `a refusal`() throws {
    let json = try Self.tree(Data(contentsOf: Self.file("forbidden.json")))
    #expect(
      try KubernetesWire.status(json) == [UInt8](Data(contentsOf: Self.file("forbidden.pb"))))
  }

  private static func file(_ name: String) -> URL {
    URL(fileURLWithPath: TestSupport.Fixture.path("apiserver/\(name)"))
  }

  private static func tree(_ json: Data) throws -> Tree {
    try JSONDecoder().decode(DecodedTree.self, from: json).tree
  }
}

/// A JSON value; members of objects in the order of their names.
struct DecodedTree: Decodable {
  let tree: Tree

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      tree = .null
    } else if let value = try? container.decode(Bool.self) {
      tree = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      tree = .integer(value)
    } else if let value = try? container.decode(String.self) {
      tree = .text(value)
    } else if let value = try? container.decode([DecodedTree].self) {
      tree = .list(value.map(\.tree))
    } else {
      let members = try container.decode([String: DecodedTree].self)
      tree = .object(
        // The ports in managed fields are sorted as numbers.
        members.keys.sorted {
          $0.compare($1, options: [.numeric, .literal]) == .orderedAscending
        }.map { Tree.Member(name: $0, value: members[$0]?.tree ?? .null) })
    }
  }
}
