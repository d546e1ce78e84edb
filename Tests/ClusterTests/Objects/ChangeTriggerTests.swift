import Cluster
import DNSWire
import Testing

/// When what led to a slice happened.
@Suite struct ChangeTriggerTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0.0), ("1970-01-01T00:00:01.5Z", 1.5),
    ("1969-12-31T23:59:59Z", -1), ("2026-11-23T15:30:00Z", 1_795_447_800),
    ("2026-11-23T15:30:00.123456789Z", 1_795_447_800.123456789),
    ("2026-11-23t15:30:00z", 1_795_447_800), ("2026-11-23T16:30:00+01:00", 1_795_447_800),
    ("2026-11-23T10:00:00-05:30", 1_795_447_800), ("2000-02-29T00:00:00Z", 951_782_400),
    ("2024-12-31T23:59:60Z", 1_735_689_600), ("2100-03-01T00:00:00Z", 4_107_542_400),
    ("0000-01-01T00:00:00Z", -62_167_219_200), ("9999-12-31T23:59:59Z", 253_402_300_799),
  ])
  func `a time of RFC 3339`(text: String, seconds: Double) throws {
    let read = try #require(ChangeTrigger(text: text).seconds)
    #expect(abs(read - seconds) < 1e-6)
  }

  @Test(arguments: [
    "", "now", "2026-11-23", "2026-11-23T15:30:00", "2026-11-23 15:30:00Z",
    "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z",
    "2026-11-23T24:00:00Z", "2026-11-23T15:60:00Z", "2026-11-23T15:30:61Z",
    "2026-11-23T15:30:00.Z", "2026-11-23T15:30:00+1:00", "2026-11-23T15:30:00+24:00",
    "2026-11-23T15:30:00Zx", "2026-11-23T15:30:0xZ", "+026-11-23T15:30:00Z",
    "2026-11-23T15:30:00.000000000000000000000Z", "2026-11-23T15:30:00*01:00",
  ])
  func `any other text is no time`(text: String) {
    #expect(ChangeTrigger(text: text).seconds == nil)
  }

  @Test func `it says nothing of what a slice is`() {
    func slice(_ seconds: Double?) -> EndpointSlice {
      EndpointSlice(
        key: ObjectKey(namespace: "shop", name: "web-1"), serviceName: "web",
        trigger: ChangeTrigger(seconds: seconds))
    }
    #expect(Set([slice(nil), slice(1), slice(2)]).count == 1)
  }

  /// An empty message would be a fine Namespace; here every field matters.
  @Test(arguments: APIFormat.allCases)
  func `the API tells it, and whether a Service selects`(format: APIFormat) throws {
    var random = RandomObjects(seed: 11)
    random.isMostlyGood = true
    var triggers = Set<Double?>()
    var selects = Set<Bool>()
    for _ in 0..<200 {
      for kind in [ObjectKind.endpointSlice, .service] {
        var decoder = APIWatchDecoder(kind: kind, format: format)
        for event in decoder.feed(random.next(kind).event("ADDED", format)) {
          guard case .set(let item) = event else { continue }
          switch item.object {
          case .endpointSlice(let slice): triggers.insert(slice.trigger.seconds)
          case .service(let service): selects.insert(service.hasSelector)
          default: break
          }
        }
      }
    }
    #expect(triggers == [1_767_323_045.5, nil])
    #expect(selects == [false, true])
  }
}
