import DNSWire
import Plugins
import Testing
import TestSupport

/// What comes from a query is data in a record, whatever it is.
@Suite struct HostileNameTests {
  /// Octets that mean something in a zone file.
  static let syntax = [
    "\"", ";", "(", ")", "\\", "\n", "\r\n", " ", "\t", "@", "$", "\" \"", "\\\"", "\\\\\"", "\\0",
    "\\00", "\\0000", "\\256", "\n a. 1 IN A 192.0.2.9",
    "x\nb. 60 IN A 192.0.2.9\n", "\") ( ;", "$INCLUDE /etc/passwd", "\u{0}", "\\# 4 c0000209",
    "{{ .Zone }}", "%s%n", "\u{7f}é", "a b c",
  ]

  private static func joined(_ parts: (String, isForeign: Bool)...) -> MarkedText {
    MarkedText(
      units: parts.flatMap { part, isForeign in
        (isForeign ? MarkedText(foreign: part.utf8) : MarkedText(part)).units
      })
  }

  @Test(arguments: syntax)
  func `a value stays in its string`(value: String) throws {
    let text = Self.joined(("a. 60 IN TXT \"<", false), (value, true), (">\" \"end\"", false))
    // An escape that is cut is no record; anything else is one record of two strings.
    guard let record = try? RecordReader.read(text) else {
      #expect(value.contains("\\"))
      return
    }
    let first = Int(record.data[0])
    let string = Array(record.data[1...first])
    #expect(string.first == UInt8(ascii: "<") && string.last == UInt8(ascii: ">"))
    #expect(Array(record.data[(first + 1)...]) == [3] + "end".utf8)
    if !value.contains("\\") { #expect(string == Array("<\(value)>".utf8)) }
  }

  @Test(arguments: syntax)
  func `a value stays in its label`(value: String) throws {
    let text = Self.joined(
      ("x", false), (value, true), ("y.example. 60 IN CNAME ", false), (value, true),
      (".example.", false))
    guard let record = try? RecordReader.read(text) else {
      #expect(value.contains("\\") || value.contains("."))
      return
    }
    #expect(record.type == .cname && record.ttl == 60)
    let owner = record.owner.labels
    #expect(owner.last == Array("example".utf8))
    #expect(owner.first?.first == UInt8(ascii: "x"))
    if !value.contains("\\"), !value.contains(".") {
      #expect(owner == [Array("x\(value)y".utf8), Array("example".utf8)])
      let target = DomainName(wire: record.data)
      #expect(target?.labels == [Array(value.utf8), Array("example".utf8)])
    }
  }

  @Test func `a whole escape means its octet, half of one means nothing`() throws {
    let whole = Self.joined(("a\\.b\\032\\\"", true), (".example. 60 IN A 192.0.2.1", false))
    #expect(
      try RecordReader.read(whole)?.owner.labels == [Array("a.b \"".utf8), Array("example".utf8)])
    for half in ["a\\", "a\\1", "a\\12", "a\\999"] {
      let text = Self.joined((half, true), ("23.example. 60 IN A 192.0.2.1", false))
      #expect(throws: RecordProblem.self) { try RecordReader.read(text) }
    }
    let other = Self.joined(("a\\", false), ("032", true), (".example. 60 IN A 192.0.2.1", false))
    #expect(throws: RecordProblem.self) { try RecordReader.read(other) }
  }

  @Test(arguments: ["@", "\"", "a b", "60", "x;y"])
  func `a value is never a type or a class that it is not`(value: String) {
    let text = Self.joined(("a. ", false), (value, true), (" 192.0.2.1", false))
    #expect(throws: RecordProblem.self) { try RecordReader.read(text) }
  }

  /// Types that libldns reads get nothing of a query but letters, digits and a few signs.
  @Test(arguments: syntax.filter { !["@", "$"].contains($0) })
  func `libldns never sees what could be syntax`(value: String) {
    let text = Self.joined(
      ("a. 60 IN HTTPS 1 . alpn=\"", false), (value, true), ("\"", false))
    #expect(throws: RecordProblem.self) { try RecordReader.read(text) }
  }

  @Test func `libldns sees values for a few types alone`() throws {
    for (type, isRead) in [("HTTPS 1 . alpn=", true), ("SSHFP 1 1 ", true), ("NSEC ", false)] {
      let value = type == "SSHFP 1 1 " ? String(repeating: "0c", count: 20) : "h2."
      let text = Self.joined(("a. 60 IN \(type)", false), (value, true))
      #expect((try? RecordReader.read(text)) != nil || !isRead, "\(type)")
      if !isRead { #expect(throws: RecordProblem.self) { try RecordReader.read(text) } }
    }
    #expect(throws: RecordProblem.self) {
      try RecordReader.read(MarkedText("a. 60 IN TYPE11 192.0.2.1 tcp 25"))
    }
  }

  @Test func `an octet that became a number is data again`() throws {
    var data = TemplateData()
    data.name = MarkedText(foreign: "\"".utf8)
    let template = try GoTemplate("a. 60 IN TXT \"{{ printf \"%c\" (index .Name 0) }}x\"")
    let record = try #require(try RecordReader.read(try template.expand(data)))
    #expect(record.data == [2, UInt8(ascii: "\""), UInt8(ascii: "x")])
  }

  @Test func `marks survive every function`() throws {
    var data = TemplateData()
    data.name = MarkedText(foreign: "a\";\n(".utf8)
    for action in [
      ".Name", "slice .Name 1", "print .Name", "printf \"%s\" .Name", "printf \"%5.3s\" .Name",
      "printf \"%v\" .Match",
      "html .Name", "js .Name", "urlquery .Name", "$x", "printf .Name",
      "index .Match 0", "with .Name }}{{ .",
    ] {
      data.match = [data.name]
      let isBlock = action.hasPrefix("with")
      let template = try GoTemplate(
        "{{ $x := .Name }}a. 60 IN TXT \"{{ \(action) }}{{ $x }}" + (isBlock ? "{{ end }}" : "")
          + "\"")
      let text = try template.expand(data)
      if let record = try? RecordReader.read(text) {
        #expect(record.type == .txt && record.owner.labels == [[97]])
        #expect(record.data.count == 1 + Int(record.data[0]), "\(action)")
      }
    }
  }

  /// Random octets as a name, in every place of a record: one record of the type at most.
  @Test func `random values never change the shape of a record`() throws {
    var random = SeededGenerator(seed: 20_26)
    let alphabet = Array("\\\\\\\"\";()@$ .\n\t0123abc#{}%\u{0}".utf8) + [0xFF]
    var readCount = 0
    for _ in 0..<50_000 {
      let count = Int.random(in: 0...12, using: &random)
      let value = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      let foreign = MarkedText(foreign: value).units
      let text = MarkedText(
        units: MarkedText("x").units + foreign + MarkedText("y.example. 60 IN TXT \"").units
          + foreign + MarkedText("\" ").units + foreign + MarkedText("z").units)
      guard let record = try? RecordReader.read(text) else { continue }
      readCount += 1
      #expect(record.type == .txt && record.ttl == 60)
      #expect(record.owner.labels.last == Array("example".utf8))
      let first = Int(record.data[0])
      let second = Int(record.data[first + 1])
      #expect(record.data.count == first + second + 2)
    }
    #expect(readCount > 5_000)
  }
}
