import Corefile
import DNSWire
import Files
import PluginChain
import Testing

/// `chaos`: class CH.
@Suite struct ChaosTests {
  private func ask(_ name: String, _ type: RRType = .txt, _ code: RRClass = .chaos) -> Ask {
    var ask = Ask(name, type, payload: 1232)
    ask.classCode = code
    return ask
  }

  /// The texts of the answer, each with its class before it.
  private func texts(_ reply: Reply) -> [String] {
    var reader = MessageReader(reply.octets.span)
    var texts: [String] = []
    while let (section, record) = reader?.next(reply.octets.span) {
      guard section == .answer, record.type == .txt else { continue }
      #expect(record.ttl == 0)
      let octets = reply.octets[record.dataRange]
      #expect(octets.first.map(Int.init) == octets.count - 1)
      texts.append("\(record.classCode) " + String(decoding: octets.dropFirst(), as: UTF8.self))
    }
    return texts
  }

  @Test(arguments: [
    ("version.bind.", ["3 One-1"]), ("VERSION.Server.", ["3 One-1"]),
    ("authors.bind.", ["3 a", "3 b c"]),
  ])
  func `what is known is answered`(name: String, expected: [String]) async throws {
    let server = try await TestServer(".:53 {\n chaos One-1 \"b c\" a a\n whoami\n}\n")
    for type in [RRType.txt, .any] {
      let reply = try server.reply(ask(name, type))
      #expect(reply.code == .noError && reply.question == name)
      #expect(texts(reply).sorted() == expected)
    }
  }

  @Test(arguments: ["hostname.bind.", "id.server."])
  func `the host tells its name`(name: String) async throws {
    let server = try await TestServer("\(name):53 {\n chaos\n}\n")
    let octets = try PosixFile.read("/proc/sys/kernel/hostname", octetCountMax: 4096).octets
    let kernel = String(decoding: octets.filter { $0 > 32 }, as: UTF8.self)
    #expect(try texts(server.reply(ask(name))) == ["3 \(kernel)"])
  }

  @Test func `without words the program speaks for itself`() async throws {
    let server = try await TestServer(".:53 {\n chaos\n}\n")
    let version = try texts(server.reply(ask("version.bind.")))
    #expect(version.count == 1 && version.first?.hasPrefix("3 Swiftlet-") == true)
    #expect(try texts(server.reply(ask("authors.bind."))) == ["3 the Swiftlet authors"])
  }

  @Test func `authors keep their order but for the first`() async throws {
    let server = try await TestServer(".:53 {\n chaos v c b a\n}\n")
    let rotations = [["3 a", "3 b", "3 c"], ["3 b", "3 c", "3 a"], ["3 c", "3 a", "3 b"]]
    #expect(rotations.contains(try texts(server.reply(ask("authors.bind.")))))
  }

  @Test func `a name has no other data, and other names are refused`() async throws {
    let server = try await TestServer(".:53 {\n chaos\n local\n any\n whoami\n}\n")
    let empty = try server.reply(ask("version.bind.", .a))
    #expect(empty.code == .noError && empty.answer == [] && empty.authority == [])
    for (name, type) in [
      ("www.version.bind.", RRType.txt), ("bind.", .txt), ("example.org.", .any),
      ("localhost.", .a), (".", .txt),
    ] {
      let reply = try server.reply(ask(name, type))
      #expect(reply.code == .refused && reply.answer == [], "\(name) \(type)")
      #expect(reply.extendedError == ExtendedError.notSupported.rawValue)
    }
  }

  @Test func `class IN goes on`() async throws {
    let server = try await TestServer(".:53 {\n chaos\n whoami\n}\n")
    #expect(try server.reply(ask("version.bind.", .txt, .internet)).additional.count == 2)
  }

  @Test(arguments: [".:53 {\n whoami\n}\n", "bind.:53 {\n chaos\n}\n.:53 {\n whoami\n}\n"])
  func `a block without it refuses the class`(corefile: String) async throws {
    let server = try await TestServer(corefile)
    let reply = try server.reply(ask("version.server."))
    #expect(reply.code == .refused && reply.additional == [])
    #expect(reply.extendedError == ExtendedError.notSupported.rawValue)
  }

  @Test func `what is longer than a text is cut with a warning`() async throws {
    let long = String(repeating: "x", count: 300)
    let server = try await TestServer(".:53 {\n chaos \(long) \(long)\n}\n")
    #expect(server.corefile.setup.diagnostics.map(\.position.column) == [8, 309])
    let expected = ["3 " + long.prefix(255)]
    #expect(try texts(server.reply(ask("version.bind."))) == expected)
    #expect(try texts(server.reply(ask("authors.bind."))) == expected)
  }
}
