import Cluster
import Foundation
import Testing
import TestSupport

/// Mutated lists, watches and refusals: whatever comes, the process goes on, and no object comes
/// out that says nothing about itself.
///
/// `SWIFTLET_FUZZ_COUNT` raises the number of cases.
@Suite struct APIDecoderFuzzTests {
  private static let partCount = 8

  private static var caseCount: Int {
    let wish = ProcessInfo.processInfo.environment["SWIFTLET_FUZZ_COUNT"].flatMap { Int($0) }
    return max(24_000, wish ?? 0)
  }

  @Test(arguments: 0..<partCount)
  func `mutations of good octets`(part: Int) {
    var random = SeededGenerator(seed: 77 + UInt64(part))
    var objects = RandomObjects(seed: 99 + UInt64(part))
    var readCount = 0
    for turn in 0..<(Self.caseCount / Self.partCount) {
      let kind = RandomObjects.kinds[turn % 4]
      let format: APIFormat = turn % 8 < 4 ? .json : .protobuf
      let raw = (0..<2).map { _ in objects.next(kind) }
      let isList = turn % 3 != 0
      var octets =
        isList
        ? RawObject.list(raw, kind: kind, version: "9", token: "t", format)
        : raw.flatMap { $0.event(["ADDED", "DELETED", "BOOKMARK", "ERROR"][turn % 4], format) }
      Self.mutate(&octets, &random)
      let partSize = 1 + Int(random.next() % 200)
      readCount +=
        isList
        ? Self.readList(octets, kind, format, partSize)
        : Self.readWatch(octets, kind, format, partSize)
      let status = APIStatus(code: 500, retryAfter: nil, body: octets, format: format)
      #expect(status.code == 500)
    }
    #expect(readCount > 1_000)
  }

  private static func mutate(_ octets: inout [UInt8], _ random: inout SeededGenerator) {
    for _ in 0...(random.next() % 4) {
      let at = Int(random.next() % UInt64(octets.count + 1))
      switch random.next() % 6 {
      case 0: octets.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
      case 1: octets.removeSubrange(at..<min(octets.count, at + Int(random.next() % 12)))
      case 2: octets.insert(contentsOf: [UInt8](repeating: 0xFF, count: 9) + [1], at: at)
      case 3: octets.insert(contentsOf: Array("[{\"\\".utf8).shuffled(using: &random), at: at)
      case 4: octets.removeSubrange(at...)
      default: if at < octets.count { octets[at] ^= 1 << UInt8(random.next() % 8) }
      }
    }
  }

  private static func readList(
    _ octets: [UInt8], _ kind: ObjectKind, _ format: APIFormat, _ partSize: Int
  ) -> Int {
    var decoder = APIListDecoder(kind: kind, format: format)
    var count = 0
    var rest = octets[...]
    while !rest.isEmpty {
      guard let objects = try? decoder.feed(Array(rest.prefix(partSize))) else { return count }
      for object in objects { check(object) }
      count += objects.count
      rest = rest.dropFirst(partSize)
    }
    if let end = try? decoder.finish() { #expect(!end.version.isEmpty) }
    return count
  }

  private static func readWatch(
    _ octets: [UInt8], _ kind: ObjectKind, _ format: APIFormat, _ partSize: Int
  ) -> Int {
    var decoder = APIWatchDecoder(kind: kind, format: format)
    var count = 0
    var rest = octets[...]
    while !rest.isEmpty {
      let events = decoder.feed(Array(rest.prefix(partSize)))
      for event in events {
        switch event {
        case .set(let object), .deleted(let object): check(object)
        case .bookmark, .error, .skipped: break
        }
      }
      count += events.count
      rest = rest.dropFirst(partSize)
    }
    return count
  }

  private static func check(_ object: APIObject) {
    #expect(!object.isRefused || (object.object == nil && !object.problems.isEmpty))
    #expect(object.object == nil || object.object?.key == object.key)
  }
}
