import Cluster
import DNSWire
import RecordStore

/// One case: a cluster, listed page by page, then listed again.
struct MemoryBench {
  static let cases = ["services", "pods", "huge", "huge-headless", "services-v6"]
  private static let pageObjectCount = 500

  private let name: String
  private let records: ClusterRecords
  /// The most anonymous memory while pages were read, in kB; what wrote them is left out.
  private var peak = 0

  init?(_ name: String) {
    var options = RecordOptions()
    options.primaryZone = DomainName(text: "cluster.local.") ?? .root
    options.reverseZones = ["in-addr.arpa.", "ip6.arpa."].compactMap { DomainName(text: $0) }
    if name == "pods" { options.pods = .verified }
    guard Self.cases.contains(name), let records = ClusterRecords(options: options, now: 1)
    else { return nil }
    self.name = name
    self.records = records
  }

  mutating func run() {
    report("start", since: 0)
    var start = Report.milliseconds()
    var writing = list()
    report("sync", since: start, writing)
    let anonymous = Report.kilobytes("RssAnon")
    Report.write("\(name) peak of the first list: \(peak) kB\n")
    peak = 0
    for _ in 0..<3 {
      start = Report.milliseconds()
      writing = list()
      report("relist", since: start, writing)
    }
    Report.write(
      "\(name) peak of relists: \(peak) kB, \(peak * 100 / max(1, anonymous)) % of the first list\n"
    )
    if name.hasPrefix("huge") {
      start = Report.milliseconds()
      for turn in 0..<20 { feed(.endpointSlice, [hugeSlice(500, without: turn)]) }
      report("20 changes of a slice", since: start)
    }
  }

  private mutating func notePeak() {
    peak = max(peak, Report.kilobytes("VmHWM") - Report.kilobytes("RssFile"))
  }

  private func report(_ what: String, since start: Int, _ writing: Int = 0) {
    let octets = [records.store.usedOctetCount, records.objectOctetCount].map { $0 >> 10 }
    Report.write(
      "\(name) \(what): RSS \(Report.kilobytes("VmRSS")) anonymous \(Report.kilobytes("RssAnon")) "
        + "peak \(Report.kilobytes("VmHWM")) kB, store \(octets[0]) objects \(octets[1]) kB, "
        + "CPU \(Report.milliseconds() - start - writing) ms\n")
  }

  // MARK: - Feeding

  /// Lists everything; the milliseconds that went into writing the lists.
  private mutating func list() -> Int {
    var writing = 0
    func page(_ kind: ObjectKind, count: Int, _ object: (Int) -> [UInt8]) {
      var seen = SeenKeys(kind: kind, hashKey: UInt64(count))
      for first in stride(from: 0, to: count, by: Self.pageObjectCount) {
        let start = Report.milliseconds()
        let objects = (first..<min(first + Self.pageObjectCount, count)).map(object)
        let octets = ListText.page(objects)
        releaseFreeMemory()
        Report.resetPeak()
        writing += Report.milliseconds() - start
        decode(kind, octets, &seen)
        notePeak()
      }
      if (try? records.sweep(seen, now: 1)) == nil { Self.tellFull() }
      notePeak()
      releaseFreeMemory()
    }
    page(.namespace, count: 100) { ListText.namespace("team-\($0)") }
    if name.hasPrefix("huge") {
      page(.service, count: 1) { _ in
        ListText.service(Self.key(0), ip: name == "huge" ? "10.96.0.1" : nil)
      }
      page(.endpointSlice, count: 1_000) { hugeSlice($0) }
    } else {
      page(.service, count: 10_000) {
        ListText.service(Self.key($0), ip: $0 % 10 == 0 ? nil : "10.96.\($0 >> 8).\($0 & 255)")
      }
      page(.endpointSlice, count: 10_000) { slice($0) }
    }
    if name == "pods" {
      page(.pod, count: 150_000) { number in
        ListText.pod(
          ObjectKey(namespace: "team-\(number % 100)", name: "web-\(number)-7d9f8b6c5d-x2x4z"),
          ip: Self.address(number))
      }
    }
    if (try? records.declareReady(now: 1)) == nil { Self.tellFull() }
    notePeak()
    releaseFreeMemory()
    return writing
  }

  private func feed(_ kind: ObjectKind, _ objects: [[UInt8]]) {
    var seen = SeenKeys(kind: kind, hashKey: 1)
    decode(kind, ListText.page(objects), &seen)
  }

  /// Reads a page that is a list of its own, and sweeps nothing.
  private func decode(_ kind: ObjectKind, _ octets: [UInt8], _ seen: inout SeenKeys) {
    var decoder = APIListDecoder(kind: kind, format: .protobuf)
    var rest = octets[...]
    while !rest.isEmpty {
      let objects = (try? decoder.feed(Array(rest.prefix(1 << 16)))) ?? []
      let events = objects.compactMap { $0.object.map(ObjectEvent.set) }
      for event in events { seen.insert(event.key) }
      if (try? records.apply(events: events, now: 1)) == nil { Self.tellFull() }
      rest = rest.dropFirst(1 << 16)
    }
  }

  private static func tellFull() { Report.write("the store is full\n") }

  // MARK: - Objects

  private static func key(_ number: Int) -> ObjectKey {
    ObjectKey(namespace: "team-\(number % 100)", name: "service-\(number)")
  }

  private static func address(_ number: Int) -> String {
    "10.\(128 + number >> 16).\(number >> 8 & 255).\(number & 255)"
  }

  /// Fifteen endpoints, of each tenth Service with names.
  private func slice(_ number: Int) -> [UInt8] {
    let key = Self.key(number)
    let isV6 = name == "services-v6"
    let endpoints = (0..<15).map { index in
      let text =
        isV6
        ? "fd00:10:244::\(String(number * 15 + index, radix: 16))"
        : Self.address(number * 15 + index)
      return ListText.EndpointText(
        address: text, hostname: number % 10 == 0 ? "service-\(number)-\(index)" : "",
        pod: "service-\(number)-7d9f8b6c5d-\(index)")
    }
    return ListText.slice(
      ObjectKey(namespace: key.namespace, name: "\(key.name)-abcde"), of: key.name, isV6: isV6,
      endpoints)
  }

  /// A hundred endpoints of the one Service.
  private func hugeSlice(_ number: Int, without: Int = -1) -> [UInt8] {
    let endpoints = (0..<100).filter { $0 != without }.map { index in
      ListText.EndpointText(
        address: Self.address(number * 100 + index),
        hostname: name == "huge" ? "" : "service-0-\(number * 100 + index)",
        pod: "service-0-7d9f8b6c5d-\(number * 100 + index)")
    }
    let key = Self.key(0)
    return ListText.slice(
      ObjectKey(namespace: key.namespace, name: "\(key.name)-\(number)"), of: key.name, endpoints)
  }
}
