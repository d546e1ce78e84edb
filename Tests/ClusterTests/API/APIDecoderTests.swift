import Cluster
import DNSWire
import Testing
import TestSupport

@Suite struct APIDecoderTests {
  private static let serviceText = #"""
    {"metadata":{"name":"web","namespace":"shop","uid":"u1","resourceVersion":"42"},
     "spec":{"clusterIPs":["10.0.0.1"],"ports":[{"name":"http","port":80}]}}
    """#

  /// Feeds octets in parts of a size.
  private static func list(
    _ octets: [UInt8], kind: ObjectKind, _ format: APIFormat, partSize: Int = .max
  ) throws -> (objects: [APIObject], end: APIListEnd) {
    var decoder = APIListDecoder(kind: kind, format: format)
    var objects: [APIObject] = []
    var rest = octets[...]
    while !rest.isEmpty {
      objects += try decoder.feed(Array(rest.prefix(partSize)))
      rest = rest.dropFirst(partSize)
    }
    return (objects, try decoder.finish())
  }

  private static func watch(
    _ octets: [UInt8], kind: ObjectKind, _ format: APIFormat, partSize: Int = .max
  ) -> [APIWatchEvent] {
    var decoder = APIWatchDecoder(kind: kind, format: format)
    var events: [APIWatchEvent] = []
    var rest = octets[...]
    while !rest.isEmpty {
      events += decoder.feed(Array(rest.prefix(partSize)))
      rest = rest.dropFirst(partSize)
    }
    return events
  }

  @Test func `a list of Services`() throws {
    let text = """
      {"items": [\(Self.serviceText)], "metadata": {"resourceVersion": "50", "continue": "t="},
       "apiVersion": "v1", "kind": "ServiceList"}
      """
    let (objects, end) = try Self.list(Array(text.utf8), kind: .service, .json)
    #expect(end == APIListEnd(version: "50", continueToken: "t="))
    let object = try #require(objects.first)
    #expect(objects.count == 1)
    #expect(object.key == ObjectKey(namespace: "shop", name: "web"))
    #expect(object.uid == "u1")
    #expect(object.version == "42")
    #expect(
      object.object
        == .service(
          Service(
            key: ObjectKey(namespace: "shop", name: "web"),
            clusterIPs: ObjectText.addresses("10.0.0.1"),
            ports: [ServicePort(name: "http", transportProtocol: .tcp, port: 80)], uid: "u1")))
  }

  @Test(arguments: ["null", "[]"])
  func `a list of nothing`(items: String) throws {
    let text = "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":\(items)}"
    let (objects, end) = try Self.list(Array(text.utf8), kind: .pod, .json)
    #expect(objects == [])
    #expect(end == APIListEnd(version: "5"))
  }

  /// The same objects, good and bad, in both notations and in parts of any size.
  @Test(arguments: RandomObjects.kinds)
  func `JSON and protobuf say the same`(kind: ObjectKind) throws {
    var random = RandomObjects(seed: UInt64(kind.rawValue))
    var goodCount = 0
    var badCount = 0
    for turn in 0..<200 {
      random.isMostlyGood = turn % 2 == 0
      let raw = (0..<5).map { _ in random.next(kind) }
      func octets(_ format: APIFormat) -> [UInt8] {
        RawObject.list(raw, kind: kind, version: "9", token: turn % 2 == 0 ? "" : "t", format)
      }
      let json = try Self.list(octets(.json), kind: kind, .json, partSize: 1 + turn % 7)
      let protobuf = try Self.list(octets(.protobuf), kind: kind, .protobuf, partSize: 1 + turn % 5)
      #expect(json.end == protobuf.end)
      guard json.objects == protobuf.objects else {
        let pair = zip(json.objects, protobuf.objects).first { $0 != $1 }
        Issue.record("turn \(turn): \(String(describing: pair))")
        return
      }
      #expect(json.objects.count == raw.count)
      goodCount += json.objects.count { $0.object != nil && $0.problems.isEmpty }
      badCount += json.objects.count { !$0.problems.isEmpty }
    }
    #expect(goodCount > 300 && badCount > 50, "\(goodCount) good, \(badCount) bad")
  }

  @Test(arguments: RandomObjects.kinds)
  func `watches in JSON and protobuf say the same`(kind: ObjectKind) {
    var random = RandomObjects(seed: 100 + UInt64(kind.rawValue))
    for turn in 0..<50 {
      let raw = random.next(kind)
      for type in ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "OTHER"] {
        let json = Self.watch(raw.event(type, .json), kind: kind, .json, partSize: 1 + turn % 9)
        let protobuf = Self.watch(
          raw.event(type, .protobuf), kind: kind, .protobuf, partSize: 1 + turn % 9)
        #expect(json == protobuf)
        #expect(json.count == 1)
      }
    }
  }

  @Test func `events of a watch`() {
    let text = """
      {"type":"ADDED","object":\(Self.serviceText.filter { $0 != "\n" })}

      {"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"60"}}}
      {"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"61","annotations":\
      {"k8s.io/initial-events-end":"true"}}}}
      {"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"old",\
      "details":{"retryAfterSeconds":3}}}
      {"type":"ERROR","object":7}
      {"type":"ADDED"
      {}

      """
    let events = Self.watch(Array(text.utf8), kind: .service, .json, partSize: 13)
    guard events.count == 7, case .set(let item) = events[0] else {
      Issue.record("\(events)")
      return
    }
    #expect(item.key?.name == "web")
    #expect(events[1] == .bookmark(version: "60", endsFirstEvents: false))
    #expect(events[2] == .bookmark(version: "61", endsFirstEvents: true))
    let status = APIStatus(
      code: 410, reason: "Expired", message: "old", retryAfter: .seconds(3))
    #expect(events[3] == .error(status))
    #expect(events[4] == .error(APIStatus(code: 0)))
    for event in events[5...] {
      guard case .error(let status) = event else {
        Issue.record("\(event)")
        continue
      }
      #expect(status.code == 0)
    }
  }

  @Test func `a bookmark and an error in protobuf`() {
    let bookmark = ProtobufText.message {
      $0.message(1) { metadata in
        metadata.text(6, "61")
        metadata.message(12) {
          $0.text(1, "k8s.io/initial-events-end")
          $0.text(2, "true")
        }
      }
    }
    let error = ProtobufText.message { status in
      status.text(2, "Failure")
      status.text(3, "old")
      status.text(4, "Expired")
      status.message(5) { $0.number(5, 3) }
      status.number(6, 410)
    }
    let octets =
      RawObject.frame("BOOKMARK", ProtobufText.envelope("v1", "Service", bookmark))
      + RawObject.frame("ERROR", ProtobufText.envelope("v1", "Status", error))
    #expect(
      Self.watch(octets, kind: .service, .protobuf, partSize: 3) == [
        .bookmark(version: "61", endsFirstEvents: true),
        .error(
          APIStatus(code: 410, reason: "Expired", message: "old", retryAfter: .seconds(3))),
      ])
    let body = ProtobufText.envelope("v1", "Status", error)
    let status = APIStatus(code: 429, retryAfter: nil, body: body, format: .protobuf)
    #expect(status.code == 429)
    #expect(status.retryAfter == .seconds(3))
    #expect(status.summary == "429 (Expired: old)")
  }

  // MARK: - What is not as it should be

  @Test func `a bad object is told by name, as in a manifest`() throws {
    let text = """
      {"metadata":{"resourceVersion":"5"},"items":[
       {"metadata":{"name":"web","namespace":"shop"},"spec":{"clusterIP":"10.0.0.300"}},
       {"metadata":{"name":"Web","namespace":"shop"}}, 7, \(Self.serviceText)]}
      """
    let (objects, _) = try Self.list(Array(text.utf8), kind: .service, .json)
    #expect(
      objects.flatMap(\.problems).map(\.description) == [
        "Service shop/web: spec.clusterIP: \"10.0.0.300\" is not an IP address",
        "Service \"shop/Web\": metadata.name: \"Web\" is not a name of a Service",
        "Service: the number 7 is not a mapping",
      ])
    #expect(objects.map(\.isRefused) == [true, true, true, false])
    #expect(objects.map { $0.key?.name } == ["web", nil, nil, "web"])
  }

  @Test(arguments: APIFormat.allCases)
  func `an object that is too large is skipped, the others are not`(format: APIFormat) throws {
    var random = RandomObjects(seed: 3)
    let good = random.next(.namespace)
    let size = APIFormat.objectOctetCountMax + 1
    let blanks = String(repeating: " ", count: size)
    let large = RawObject(
      kind: .namespace, json: "{\(blanks)}",
      protobuf: ProtobufText.message { $0.bytes(99, [UInt8](repeating: 0, count: size)) })
    let octets = RawObject.list(
      [good, large, good], kind: .namespace, version: "1", token: "", format)
    let (objects, _) = try Self.list(octets, kind: .namespace, format, partSize: 65_536)
    #expect(objects.count == 3)
    #expect(objects[1].problems.map(\.message) == ["the object is larger than 8 MiB"])
    #expect(objects[0] == objects[2])
    let events = Self.watch(
      large.event("ADDED", format) + good.event("ADDED", format), kind: .namespace, format,
      partSize: 65_536)
    #expect(events.count == 2)
    guard case .skipped? = events.first, case .set? = events.last else {
      Issue.record("\(events.map { "\($0)".prefix(80) })")
      return
    }
  }

  @Test(arguments: APIFormat.allCases)
  func `a list that is cut short anywhere has no end`(format: APIFormat) {
    var random = RandomObjects(seed: 4)
    let octets = RawObject.list(
      [random.next(.service), random.next(.service)], kind: .service, version: "1", token: "",
      format)
    for count in 0..<(octets.count - (format == .json ? 1 : 0)) {
      // Behind the list's own message an envelope may end anywhere between its fields.
      let isWhole = (try? Self.list(Array(octets.prefix(count)), kind: .service, format)) != nil
      if isWhole { #expect(format == .protobuf && count >= octets.count - 4) }
    }
  }

  @Test(arguments: ["", "[]", "{", "{\"items\":[]}", "{\"metadata\":{}}", "<html>", "{}{}"])
  func `what is no list is refused`(text: String) {
    #expect(throws: APIDecodingProblem.self) {
      try Self.list(Array(text.utf8), kind: .service, .json)
    }
  }

  @Test(arguments: [
    ("application/json", APIFormat.json), ("application/vnd.kubernetes.protobuf", .protobuf),
    ("application/vnd.kubernetes.protobuf;stream=watch", .protobuf),
    ("application/json; charset=utf-8", .json), ("text/html", nil), ("", nil),
  ])
  func `a content type names a format`(text: String, format: APIFormat?) {
    #expect(APIFormat(contentType: text) == format)
  }
}
