import DNSWire
import Testing
import ZoneText

/// Text to records, through libldns.
@Suite struct RecordTextTests {
  @Test(arguments: [
    "a.example. 60 IN A 192.0.2.1", "a.example. 60 IN MX 10 mail.example.", ". 0 IN NS a.",
    "a.example. 60 IN HTTPS 1 . alpn=h2",
  ])
  func `a text comes back`(text: String) throws {
    let record = try PresentationRecord(text: text)
    let printed = record.text
    #expect(printed?.split(separator: "\t").joined(separator: " ") == text)
    let wire = try record.wire()
    let again = try PresentationRecord(wire: wire).text
    #expect(again == printed)
  }

  @Test(arguments: [
    "", "a.", "a. 60 IN", "a. 60 IN A 1.2.3", "a. 60 IN A 192.0.2.1\u{0}", "a. 60 IN NONSENSE 1",
    String(repeating: "a", count: 65_536),
  ])
  func `what is no record is refused`(text: String) {
    #expect(throws: LDNSError.self) { try PresentationRecord(text: text).text }
  }
}
