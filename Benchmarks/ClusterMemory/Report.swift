import Glibc

/// Figures of this process, and where they go.
enum Report {
  /// Kilobytes of a line of `/proc/self/status`.
  static func kilobytes(_ field: String) -> Int {
    let file = unsafe open("/proc/self/status", O_RDONLY)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var octets = [UInt8](repeating: 0, count: 1 << 14)
    let count = unsafe octets.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    let text = String(decoding: octets.prefix(max(0, count)), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    return line.flatMap { $0.split(separator: " ").compactMap { Int($0) }.first } ?? 0
  }

  /// Milliseconds of CPU since the start.
  static func milliseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
  }

  /// Lets the peak begin anew.
  static func resetPeak() {
    let file = unsafe open("/proc/self/clear_refs", O_WRONLY)
    guard file >= 0 else { return }
    unsafe _ = "5".withCString { unsafe Glibc.write(file, $0, 1) }
    close(file)
  }

  /// Writes a text to the standard output.
  static func write(_ text: String) {
    let octets = Array(text.utf8)
    unsafe octets.withUnsafeBytes { unsafe _ = Glibc.write(1, $0.baseAddress, $0.count) }
  }
}
