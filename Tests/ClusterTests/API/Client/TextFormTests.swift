import Cluster
import Testing
import TestSupport

/// Base64 and dates.
@Suite struct TextFormTests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func `Base64 of RFC 4648`(plain: String, text: String) {
    #expect(Base64.text(of: plain.utf8) == text)
    #expect(Base64.octets(of: text) == Array(plain.utf8))
  }

  @Test func `any octets come back from Base64`() {
    var random = SeededGenerator(seed: 7)
    for count in 0..<200 {
      let octets = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let text = Base64.text(of: octets)
      #expect(Base64.octets(of: text) == octets)
      #expect(Base64.octets(of: " " + text.map { "\($0)\n" }.joined()) == octets)
    }
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "a-_=", "Zé==",
  ])
  func `what is no Base64`(text: String) { #expect(Base64.octets(of: text) == nil) }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600),
    ("2026-11-23T15:16:23Z", 1_795_446_983), ("2026-11-23t15:16:23.999z", 1_795_446_983),
    ("2026-11-23T16:46:23+01:30", 1_795_446_983), ("2026-11-23T14:16:23-01:00", 1_795_446_983),
    ("9999-12-31T23:59:59Z", 253_402_300_799), ("2016-12-31T23:59:60Z", 1_483_228_799),
  ])
  func `a timestamp`(text: String, seconds: Int64) {
    #expect(CalendarTime.seconds(timestamp: text) == seconds)
  }

  @Test(arguments: [
    "", "2026-11-23", "2026-11-23T15:16:23", "2026-11-23 15:16:23Z", "2026-13-23T15:16:23Z",
    "2025-02-29T15:16:23Z", "2026-11-23T24:00:00Z", "2026-11-23T15:60:00Z", "2026-11-23T15:16:61Z",
    "1969-12-31T23:59:59Z", "2026-11-23T15:16:23.Z", "2026-11-23T15:16:23+1:00",
    "2026-11-23T15:16:23Zz", "2026-11-2xT15:16:23Z", "2026-00-23T15:16:23Z",
  ])
  func `what is no timestamp`(text: String) {
    #expect(CalendarTime.seconds(timestamp: text) == nil)
  }

  @Test func `a date of HTTP`() {
    #expect(CalendarTime.seconds(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
    for text in [
      "", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nom 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
    ] {
      #expect(CalendarTime.seconds(httpDate: text) == nil)
    }
  }
}
