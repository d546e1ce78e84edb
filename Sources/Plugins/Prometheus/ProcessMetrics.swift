import Files
import Glibc
import PluginChain

/// What the kernel says about this process, under the names that all Prometheus clients use. What
/// it does not say is left out.
struct ProcessMetrics: Sendable {
  /// `/proc/stat` has a line a processor and one of all interrupts.
  private static let fileOctetCountMax = 1 << 20
  /// Descriptors looked at, at most.
  private static let descriptorCountMax = 1 << 20

  /// When the process started, in seconds since 1970.
  private let startSeconds: Double?

  /// Reads what does not change.
  init() {
    let boot = Self.read("/proc/stat")?.split(separator: "\n").lazy
      .first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    startSeconds = boot.flatMap { boot in
      Self.status()?.start.map { boot + $0 / Self.ticksPerSecond }
    }
  }

  /// The families; each sample is read when it is asked for.
  var families: [MetricFamily] {
    [
      Self.family(.counter, "process_cpu_seconds_total", "Processor time, of user and system.") {
        Self.status().flatMap { $0.ticks.map { $0 / Self.ticksPerSecond } }
      },
      Self.family(.gauge, "process_resident_memory_bytes", "Memory in use.") {
        Self.status().flatMap { $0.residentPages.map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) } }
      },
      Self.family(.gauge, "process_virtual_memory_bytes", "Address space in use.") {
        Self.status()?.virtualOctets
      },
      Self.family(.gauge, "process_open_fds", "Open file descriptors.") { Self.openCount() },
      Self.family(.gauge, "process_max_fds", "File descriptors that may be open.") {
        Self.openMax()
      },
      Self.family(
        .gauge, "process_start_time_seconds", "Start of the process, in seconds since 1970."
      ) { [startSeconds] in startSeconds },
      // Dashboards for CoreDNS ask for these names.
      Self.family(.gauge, "go_goroutines", "Threads: a stand-in, since there are no goroutines.") {
        Self.status()?.threadCount
      },
      Self.family(.gauge, "go_threads", "Threads of the process.") { Self.status()?.threadCount },
    ]
  }

  /// More of the same, for `runtime_metrics`.
  var runtimeFamilies: [MetricFamily] {
    let sizes = [
      ("anonymous", "RssAnon", "Memory in use that is no file's."),
      ("file", "RssFile", "Memory in use that holds parts of files."),
      ("peak", "VmHWM", "The most memory that was ever in use."),
    ]
    return sizes.map { name, field, help in
      Self.family(.gauge, "swiftlet_process_\(name)_memory_bytes", help) {
        Self.kibibytes(field).map { $0 * 1_024 }
      }
    } + [
      MetricFamily(
        .counter, "swiftlet_process_page_faults_total", "Page faults: minor, and major from a disk."
      ) {
        guard let status = Self.status() else { return [] }
        return [("minor", status.minorFaults), ("major", status.majorFaults)].compactMap {
          kind, count in count.map { .init([("kind", kind)], $0) }
        }
      }
    ]
  }

  private static func family(
    _ kind: MetricFamily.Kind, _ name: String, _ help: String,
    _ value: @escaping @Sendable () -> Double?
  ) -> MetricFamily {
    MetricFamily(kind, name, help) { value().map { [.init([], $0)] } ?? [] }
  }

  // MARK: - /proc/self

  private static var ticksPerSecond: Double { Double(max(1, sysconf(Int32(_SC_CLK_TCK)))) }

  /// The fields of `/proc/self/stat` that are shown (proc(5)).
  private struct Status {
    let ticks: Double?
    let start: Double?
    let virtualOctets: Double?
    let residentPages: Double?
    let threadCount: Double?
    let minorFaults: Double?
    let majorFaults: Double?
  }

  private static func status() -> Status? {
    // The second field is the name in parentheses and may hold anything.
    guard let text = read("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[end...].split(separator: " ").dropFirst()
    func field(_ number: Int) -> Double? {
      fields.dropFirst(number - 3).first.flatMap { Double($0) }
    }
    return Status(
      ticks: field(14).flatMap { user in field(15).map { user + $0 } }, start: field(22),
      virtualOctets: field(23), residentPages: field(24), threadCount: field(20),
      minorFaults: field(10), majorFaults: field(12))
  }

  /// A size of `/proc/self/status`.
  private static func kibibytes(_ name: String) -> Double? {
    let line = read("/proc/self/status")?.split(separator: "\n")
      .first { $0.hasPrefix(name + ":") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
  }

  private static func openMax() -> Double? {
    let line = read("/proc/self/limits")?.split(separator: "\n")
      .first { $0.hasPrefix("Max open files") }
    let fields = line?.split(separator: " ") ?? []
    return fields.dropFirst(3).first.flatMap { $0 == "unlimited" ? .infinity : Double($0) }
  }

  /// Asks for each descriptor that the process's table has room for whether it is open.
  private static func openCount() -> Double? {
    let line = read("/proc/self/status")?.split(separator: "\n")
      .first { $0.hasPrefix("FDSize:") }
    let room = line?.split(whereSeparator: \.isWhitespace).last.flatMap { Int32($0) }
    guard let room, room > 0 else { return nil }
    let open = (0..<min(room, Int32(descriptorCountMax))).count { fcntl($0, F_GETFD) != -1 }
    return Double(open)
  }

  private static func read(_ path: String) -> String? {
    guard let (octets, _) = try? PosixFile.read(path, octetCountMax: fileOctetCountMax) else {
      return nil
    }
    return String(decoding: octets, as: UTF8.self)
  }
}
