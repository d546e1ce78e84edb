import DNSWire
import Testing
import TestSupport

/// Names in presentation format (RFC 1035 §5.1).
@Suite struct DomainNameTextTests {
  @Test(arguments: [
    ("", "."), (".", "."), ("a", "a."), ("a.", "a."), ("A.b.", "A.b."), ("a\\.b.c", "a\\.b.c."),
    ("\\065", "A."), ("\\000", "\\000."), ("\\255", "\\255."), ("\\\\", "\\\\."),
    ("a\\ b", "a\\032b."), ("*.a", "*.a."), ("_dns._tcp", "_dns._tcp."), ("\\@", "\\@."),
    ("@", "\\@."), ("\\.", "\\.."), ("a\\..", "a\\.."), ("$TTL", "\\$TTL."), ("\"", "\\\"."),
    ("(;)", "\\(\\;\\)."), ("é", "\\195\\169."), ("\u{7F}", "\\127."),
  ])
  func `text is read and written`(text: String, canonical: String) throws {
    let name = try #require(DomainName(text: text))
    #expect(name.description == canonical)
    #expect(DomainName(text: canonical)?.wire == name.wire)
  }

  @Test(arguments: [
    "..", ".a", "a..b", "a..", "\\", "a\\", "\\1", "\\12", "\\12a", "\\256", "\\999", "a.\\25",
  ])
  func `what is no name is refused`(text: String) {
    #expect(DomainName(text: text) == nil)
  }

  @Test func `every octet survives a round trip`() throws {
    for octet in UInt8.min...UInt8.max {
      for neighbor in [UInt8(ascii: "0"), UInt8(ascii: "a"), UInt8(ascii: "\\"), 0] {
        let name = try #require(DomainName(labels: [[octet, neighbor], [neighbor, octet]]))
        let text = name.description
        #expect(text.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        #expect(DomainName(text: text)?.wire == name.wire)
      }
    }
  }

  @Test func `random names survive a round trip`() throws {
    let seed: UInt64 = 1035
    var generator = SeededGenerator(seed: seed)
    for number in 0..<2_000 {
      let labels = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
        (0..<Int.random(in: 1...40, using: &generator)).map { _ in
          UInt8.random(in: 0...255, using: &generator)
        }
      }
      let name = try #require(DomainName(labels: labels))
      let back = DomainName(text: name.description)
      #expect(back?.wire == name.wire, "seed \(seed), case \(number)")
    }
  }

  @Test func `limits hold for text as well`() throws {
    let longest = try #require(DomainName(wire: labels(octetCount: 254) + [0]))
    #expect(DomainName(text: longest.description)?.wire == longest.wire)
    #expect(DomainName(text: "a" + longest.description) == nil)
    #expect(DomainName(text: String(repeating: "\\097", count: 64)) == nil)
    #expect(DomainName(text: String(repeating: "a.", count: 100_000)) == nil)
  }
}
