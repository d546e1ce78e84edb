import ArgumentParser
import Corefile
import DNSWire
import Glibc
import PluginChain
import ZoneText

/// `swiftlet dump [ZONE...]`: all records of the authoritative zones, in canonical order.
struct Dump: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the records of the zones in canonical order.",
    discussion: "Loads what the Corefile names once, prints it, and ends; serves nothing.")

  /// How records are printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    /// A master file (RFC 1035 §5).
    case zone
    /// One JSON object a line.
    case json
  }

  @Option(
    name: [.customLong("conf", withSingleDash: true), .customLong("conf")],
    help: ArgumentHelp("Corefile to load, or stdin.", valueName: "file"))
  var conf: String?

  @Option(help: "zone or json.")
  var format = Format.zone

  @Argument(help: "Zones to print; all without any.")
  var zones: [String] = []

  func run() async throws {
    do {
      try await dump()
    } catch let error as StartError {
      complain(error.description)
      throw ExitCode(1)
    }
  }

  private func dump() async throws {
    _ = signal(SIGPIPE, SIG_IGN)
    let loaded = try loadCorefile(conf, workerCount: 1, log: ErrorLog())
    for problem in loaded.diagnostics where problem.severity == .error {
      complain(problem.description)
    }
    if loaded.hasErrors { throw ExitCode(1) }
    let wanted = try wantedZones(loaded)
    for part in loaded.setup.parts { try await part.prepare(.once) }
    var output = BufferedOutput()
    for exporter in loaded.setup.exporters {
      for zone in exporter.zones where wanted.contains(zone) {
        try print(exporter.records(of: zone), &output)
      }
    }
    try output.flush()
  }

  private func wantedZones(_ loaded: LoadedCorefile) throws(StartError) -> Set<DomainName> {
    let served = Set(loaded.setup.exporters.flatMap(\.zones))
    guard !served.isEmpty else {
      throw StartError("\(loaded.path): no plugin in it has zones to dump")
    }
    if zones.isEmpty { return served }
    var wanted = Set<DomainName>()
    for text in zones {
      guard let zone = DomainName(text: text), served.contains(zone) else {
        let names = served.map(\.description).sorted().joined(separator: ", ")
        throw StartError("dump: \(text) is not a zone of \(loaded.path); its zones are \(names)")
      }
      wanted.insert(zone)
    }
    return wanted
  }

  private func print(
    _ records: [ResourceRecord], _ output: inout BufferedOutput
  ) throws(StartError) {
    for record in canonicallySorted(records) {
      let text: String?
      do throws(LDNSError) {
        text = try PresentationRecord(wire: record.wire).text
      } catch {
        throw StartError("dump: \(record.owner) \(record.type): \(error)")
      }
      guard let text else {
        throw StartError("dump: \(record.owner) \(record.type) has no presentation format")
      }
      try output.write(format == .zone ? text : json(text))
    }
  }

  /// One record as JSON, from its presentation format.
  private func json(_ text: String) -> String {
    let fields = text.split(separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
    guard fields.count == 5 else { return "{}" }
    func quoted(_ place: Int) -> String { JSONText.string(String(fields[place])) }
    return JSONText.object([
      ("name", quoted(0)), ("ttl", String(fields[1])), ("class", quoted(2)), ("type", quoted(3)),
      ("data", quoted(4)),
    ])
  }
}

/// Canonical order (RFC 4034 §6), the SOA before everything else, as zone files have it.
func canonicallySorted(_ records: [ResourceRecord]) -> [ResourceRecord] {
  records.map { (key: sortKey($0), record: $0) }
    .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    .map(\.record)
}

/// Octets that sort as the record does: labels from the right, each ended by an octet below all
/// others, then the type with SOA first, then RDATA.
private func sortKey(_ record: ResourceRecord) -> [UInt8] {
  var key: [UInt8] = []
  for label in record.owner.lowercased.labels.reversed() {
    for octet in label {
      // 0 ends a label, so 0 and 1 are written as two octets.
      if octet < 2 { key.append(1) }
      key.append(octet < 2 ? octet + 1 : octet)
    }
    key.append(0)
  }
  key.append(0)
  key.append(record.type == .soa ? 0 : 1)
  key.append(UInt8(truncatingIfNeeded: record.type.rawValue >> 8))
  key.append(UInt8(truncatingIfNeeded: record.type.rawValue))
  return key + record.data
}

/// Standard output in large pieces; a reader that goes away is an error like any other.
struct BufferedOutput {
  private var octets: [UInt8] = []

  mutating func write(_ line: String) throws(StartError) {
    octets += Array(line.utf8)
    octets.append(UInt8(ascii: "\n"))
    if octets.count > 1 << 16 { try flush() }
  }

  mutating func flush() throws(StartError) {
    var start = 0
    while start < octets.count {
      let count = unsafe octets.withUnsafeBytes { buffer in
        // SAFETY: start is below the count.
        unsafe Glibc.write(
          STDOUT_FILENO, buffer.baseAddress.map { unsafe $0 + start }, buffer.count - start)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw StartError("dump: standard output cannot be written") }
      start += count
    }
    octets.removeAll(keepingCapacity: true)
  }
}
