import Cluster
import Corefile
import DNSWire
import Files
import PluginChain
import Sockets
import Synchronization

/// The table of one `hosts` directive as it is now, and the file that it comes from. It stays over
/// reloads that do not change the directive.
///
/// One thread at a time looks at the file and publishes a new table; a worker keeps the one it has
/// until it sees that the generation moved, one atomic load, and then takes the new one.
package final class HostsSource: Sendable {
  /// What was read when.
  private struct Reading {
    /// Of the content that is served; `nil` when nothing of the file is.
    var signature: FileSignature?
    /// Why the file could not be read at the last look.
    var failure: String?
    /// Lines that were left out, as they were told.
    var toldProblems: [String] = []
    /// Whether a table has been let go since free memory was last given back.
    var hasGarbage = false
  }

  /// Octets of a hosts file.
  package static let octetCountMax = 256 << 20
  /// Reads of a file that changes while it is read.
  private static let readCountMax = 3

  private let configuration: HostsConfiguration
  private let log: any LogSink
  private let table: Mutex<HostTable>
  private let number = Atomic<UInt64>(1)
  private let reading = Mutex(Reading())
  private let servedSeconds = Mutex<Double?>(nil)
  private let wakeups = Mutex<[Wakeup]>([])

  /// A source that serves the directive's own lines; opens nothing.
  package init(_ configuration: HostsConfiguration, log: any LogSink) {
    self.configuration = configuration
    self.log = log
    var reader = HostsReader(zones: configuration.zones, hasReverse: configuration.hasReverse)
    for entry in configuration.entries { reader.add(entry.name, entry.address) }
    table = Mutex(reader.table())
  }

  // MARK: - Serving

  /// Grows with every table.
  var generation: UInt64 { number.load(ordering: .acquiring) }

  /// The table, and in `generation` its number.
  func take(_ generation: inout UInt64) -> HostTable {
    table.withLock { table in
      generation = number.load(ordering: .relaxed)
      return table.copy()
    }
  }

  /// Signals `wakeup` when there is a new table.
  func wakes(_ wakeup: Wakeup) { wakeups.withLock { $0.append(wakeup) } }

  /// Names and addresses that are served, as CoreDNS counts them.
  package var entryCount: Int { table.withLock { $0.entryCount } }

  /// Octets of the table.
  package var octetCount: Int { table.withLock { $0.octetCount } }

  /// When the file that is served was written, in seconds since 1970; `nil` when none is.
  var fileSeconds: Double? { servedSeconds.withLock { $0 } }

  // MARK: - The file

  /// The file's path.
  var path: String { configuration.path }
  /// Between two looks at the file; zero for none after the start.
  var interval: Duration { configuration.interval }

  /// Reads the file if it is another than before, and publishes. What is wrong is told once, and
  /// leaves what is served as it is.
  package func look() {
    reading.withLock { reading in
      let status = PosixFile.status(path)
      if reading.failure == nil, let known = reading.signature, status == .file(known) {
        // The workers have let go of the old table by now: the C library would keep its memory.
        if reading.hasGarbage { releaseFreeMemory() }
        reading.hasGarbage = false
        return
      }
      // Where only the directive's lines are wanted there need not be a file.
      if !configuration.isPathGiven, status == .missing, reading.signature == nil { return }
      do throws(PosixProblem) {
        try read(&reading)
      } catch {
        fail(error.message, &reading)
      }
    }
  }

  private func read(_ reading: inout Reading) throws(PosixProblem) {
    for count in 1...Self.readCountMax {
      var reader = HostsReader(zones: configuration.zones, hasReverse: configuration.hasReverse)
      let signature = try PosixFile.read(path, octetCountMax: Self.octetCountMax) { chunk, _ in
        reader.take(chunk)
      }
      reader.finish()
      // Changed meanwhile: what was read may be half of the old and half of the new.
      if count < Self.readCountMax, PosixFile.status(path) != .file(signature) { continue }
      tell(reader.problems, reader.problemCount, &reading)
      for entry in configuration.entries { reader.add(entry.name, entry.address) }
      publish(reader.table())
      let isFirst = reading.signature == nil && reading.failure == nil
      reading.signature = signature
      servedSeconds.withLock { $0 = signature.modifiedSeconds }
      reading.failure = nil
      reading.hasGarbage = true
      if !isFirst { log.write(.info, "plugin/hosts: read \(path) again: \(entryCount) entries") }
      return
    }
  }

  private func publish(_ new: consuming HostTable) {
    // The old one, if nobody else has it, goes outside of the lock.
    var other = new
    table.withLock { table in
      swap(&table, &other)
      number.add(1, ordering: .releasing)
    }
    for wakeup in wakeups.withLock({ $0 }) { wakeup.signal() }
  }

  private func fail(_ reason: String, _ reading: inout Reading) {
    guard reading.failure != reason else { return }
    reading.failure = reason
    let effect =
      interval == .zero
      ? "it is not tried again"
      : reading.signature == nil ? "it is tried again" : "its entries stay"
    log.write(.warning, "plugin/hosts: \(path): \(reason); \(effect)")
  }

  /// Tells of lines that are left out, when they are others than before.
  private func tell(
    _ problems: [HostsReader.Problem], _ count: Int, _ reading: inout Reading
  ) {
    var lines = problems.map { "\(path):\($0.line): \($0.words); it is left out" }
    if count > problems.count {
      lines.append("\(path): \(count - problems.count) more are left out")
    }
    guard lines != reading.toldProblems else { return }
    reading.toldProblems = lines
    for line in lines { log.write(.warning, "plugin/hosts: \(line)") }
  }
}
