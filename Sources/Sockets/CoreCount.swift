import CLinux
import Glibc

/// How many cores this process may use, which is how many workers it runs.
package enum CoreCount {
  /// Workers never outnumber this.
  package static let workerCountMax = 64

  /// The affinity mask's cores, cut to the cgroup's CPU quota (v2 `cpu.max` of this group and the
  /// groups above, or v1 `cpu.cfs_quota_us`), rounded up; at least 1.
  package static func usable(root: String = "") -> Int {
    var count = Int(clinux_usable_core_count())
    if let quota = quota(root: root) { count = min(count, quota) }
    return min(max(count, 1), workerCountMax)
  }

  /// The cores that the cgroup's quota amounts to; `nil` without a quota. `root` stands before
  /// `/proc` and `/sys`, for tests.
  package static func quota(root: String = "") -> Int? {
    var best: Int?
    func consider(_ quota: Int?) {
      guard let quota else { return }
      best = min(best ?? quota, quota)
    }
    for line in read(root + "/proc/self/cgroup").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      if fields[0] == "0" {
        var path = String(fields[2])
        while true {
          consider(coresV2(read(root + "/sys/fs/cgroup" + path + "/cpu.max")))
          guard let cut = path.lastIndex(of: "/") else { break }
          path = String(path[..<cut])
        }
      } else if fields[1].split(separator: ",").contains("cpu") {
        for folder in ["/sys/fs/cgroup/cpu\(fields[2])", "/sys/fs/cgroup/cpu"] {
          consider(
            coresV1(
              quota: read(root + folder + "/cpu.cfs_quota_us"),
              period: read(root + folder + "/cpu.cfs_period_us")))
        }
      }
    }
    return best
  }

  /// `200000 100000` is two cores, `max 100000` no limit.
  private static func coresV2(_ text: String) -> Int? {
    let fields = text.split(whereSeparator: \.isWhitespace)
    guard fields.count == 2 else { return nil }
    return cores(Int(fields[0]), Int(fields[1]))
  }

  private static func coresV1(quota: String, period: String) -> Int? {
    func number(_ text: String) -> Int? { Int(text.filter { !$0.isWhitespace }) }
    return cores(number(quota), number(period))
  }

  private static func cores(_ quota: Int?, _ period: Int?) -> Int? {
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return max(1, quota / period + (quota % period == 0 ? 0 : 1))
  }

  /// The first 64 KiB of a file as text; empty when it cannot be read.
  private static func read(_ path: String) -> String {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return "" }
    let descriptor = FileDescriptor(owning: number)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let size = unsafe buffer.withUnsafeMutableBytes { octets in
      unsafe Glibc.read(descriptor.number, octets.baseAddress, octets.count)
    }
    return size > 0 ? String(decoding: buffer[..<size], as: UTF8.self) : ""
  }
}
