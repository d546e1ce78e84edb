import DNSWire
import Foundation
import PluginChain
import TestSupport
import Testing

/// Seeded texts, asked for through the whole way of a query and compared with a reading of the text
/// by plain dictionaries.
@Suite struct HostsFuzzTests {
  /// The names and addresses of a text, as CoreDNS would read it.
  private struct Model {
    var v4: [String: [String]] = [:]
    var v6: [String: [String]] = [:]
    var names: [String: [String]] = [:]

    mutating func add(_ address: String, _ name: String) {
      func put(_ value: String, _ list: inout [String]) {
        if !list.contains(value) { list.append(value) }
      }
      if address.contains(":") {
        put(address, &v6[name, default: []])
      } else {
        put(address, &v4[name, default: []])
      }
      if !name.hasPrefix("*.") { put(name, &names[address, default: []]) }
    }

    /// The addresses of a name or its wildcard; `nil` when there is no such name.
    func addresses(_ name: String) -> (v4: [String], v6: [String])? {
      let labels = name.split(separator: ".")
      let pattern = (["*"] + labels.dropFirst()).joined(separator: ".") + "."
      for key in labels.count > 1 ? [name, pattern] : [name]
      where v4[key] != nil || v6[key] != nil {
        return (v4[key] ?? [], v6[key] ?? [])
      }
      return nil
    }
  }

  private static let labels = ["a", "B", "c-1", "_d", "*", "xn--e", "f2"]
  private static let noise: [String] = [
    "#", "%", "\t", "..", ".", "\\", "\u{0}", "192.0.2.", "::::", "é", "999.1.1.1", "*", "\r", " ",
  ]

  private static func name(_ random: inout SeededGenerator) -> String {
    (0..<Int.random(in: 1...3, using: &random))
      .map { _ in labels.randomElement(using: &random) ?? "a" }.joined(separator: ".")
  }

  private static func address(_ random: inout SeededGenerator) -> String {
    let number = Int.random(in: 1...9, using: &random)
    return Bool.random(using: &random) ? "10.0.0.\(number)" : "fd00::\(number)"
  }

  @Test(arguments: 0..<40)
  func `good lines between bad ones are answered`(seed: Int) async throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var model = Model()
    var text = ""
    var asked: Set<String> = []
    for _ in 0..<Int.random(in: 0...120, using: &random) {
      if Int.random(in: 0..<4, using: &random) == 0 {
        // Never a good line: the first word is no address.
        text += "x"
        for _ in 0..<Int.random(in: 0...8, using: &random) {
          text += Self.noise.randomElement(using: &random) ?? "#"
        }
        text += "\n"
        continue
      }
      let address = Self.address(&random)
      text += address
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let name = Self.name(&random)
        text += [" ", "\t", "   "].randomElement(using: &random) ?? " "
        text += name + (Bool.random(using: &random) ? "." : "")
        model.add(address, name.lowercased() + ".")
        asked.insert(name.lowercased() + ".")
      }
      text += [" # more\n", "\n", "\r\n", " \n"].randomElement(using: &random) ?? "\n"
    }
    for _ in 0..<40 { asked.insert(Self.name(&random).lowercased() + ".") }
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "hosts")
    let server = try await TestServer(".:53 {\nhosts \(path)\n}\n")
    for name in asked.sorted() {
      let wanted = model.addresses(name)
      let short = try server.reply(Ask(name, .a, .tcp))
      let long = try server.reply(Ask(name, .aaaa, .tcp))
      #expect(short.answers(.a) == wanted?.v4 ?? [], "\(name) of \(text.debugDescription)")
      #expect(long.answers(.aaaa) == wanted?.v6 ?? [], "\(name) of \(text.debugDescription)")
      #expect((short.code == .serverFailure) == (wanted == nil))
      #expect(short.code == long.code)
    }
    for number in 1...9 {
      let reply = try server.reply(Ask("\(number).0.0.10.in-addr.arpa.", .ptr, .tcp))
      #expect(reply.answers(.ptr) == model.names["10.0.0.\(number)"] ?? [])
    }
  }

  @Test(arguments: 0..<60)
  func `any octets at all are read`(seed: Int) async throws {
    var random = SeededGenerator(seed: 1_000 + UInt64(seed))
    var octets: [UInt8] = []
    let alphabet = Array("0123456789abf:.%#* \t\n\r\\-_".utf8)
    for _ in 0..<Int.random(in: 0...4_000, using: &random) {
      let isWild = Int.random(in: 0..<20, using: &random) == 0
      octets.append(
        isWild
          ? UInt8.random(in: 0...255, using: &random)
          : alphabet.randomElement(using: &random) ?? 0)
    }
    let folder = try TemporaryFolder()
    let path = folder.path("hosts")
    try Data(octets).write(to: URL(fileURLWithPath: path))
    let server = try await TestServer(".:53 {\nhosts \(path) {\n192.0.2.1 sure.example\n}\n}\n")
    #expect(try server.reply("sure.example.").answers(.a) == ["192.0.2.1"])
    // A word told is a word escaped.
    #expect(server.log.allSatisfy { line in line.utf8.allSatisfy { $0 >= 32 } })
    #expect(server.log.count <= 11)
  }
}
