import Glibc
import Sockets
import TestSupport
import Testing

/// The CPU quota, read from made-up control groups.
@Suite struct CoreCountTests {
  /// Files under a root, and the cores that they amount to.
  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let files: [String: String]
    let quota: Int?

    init(_ description: String, _ files: [String: String], _ quota: Int?) {
      testDescription = description
      self.files = files
      self.quota = quota
    }
  }

  private static let v2 = "/sys/fs/cgroup"
  private static let v1 = "/sys/fs/cgroup/cpu"
  private static let own = "/proc/self/cgroup"

  private static let second: [Row] = [
    Row("v2, the root's", [own: "0::/\n", v2 + "/cpu.max": "200000 100000\n"], 2),
    Row("v2, no limit", [own: "0::/\n", v2 + "/cpu.max": "max 100000\n"], nil),
    Row("v2, no file", [own: "0::/\n"], nil),
    Row(
      "v2, this group's",
      [own: "0::/pods/a\n", v2 + "/pods/a/cpu.max": "300000 100000"], 3),
    Row(
      "v2, a group above is stricter",
      [
        own: "0::/pods/a/b\n", v2 + "/pods/a/b/cpu.max": "800000 100000",
        v2 + "/pods/a/cpu.max": "max 100000", v2 + "/pods/cpu.max": "300000 100000",
        v2 + "/cpu.max": "max 100000",
      ], 3),
    Row(
      "v2, this group is stricter",
      [
        own: "0::/pods/a\n", v2 + "/pods/a/cpu.max": "100000 100000",
        v2 + "/pods/cpu.max": "900000 100000",
      ], 1),
    Row("v2, rounded up", [own: "0::/", v2 + "/cpu.max": "150000 100000"], 2),
    Row("v2, a tenth of a core", [own: "0::/", v2 + "/cpu.max": "10000 100000"], 1),
    Row("v2, least there is", [own: "0::/", v2 + "/cpu.max": "1 1000000"], 1),
    Row("v2, another period", [own: "0::/", v2 + "/cpu.max": "100000 25000"], 4),
    Row(
      "v2, a colon in the path", [own: "0::/a:b\n", v2 + "/a:b/cpu.max": "200000 100000"], 2),
    Row("v2, a path that is not there", [own: "0::/../../x\n", v2 + "/cpu.max": "max 1"], nil),
  ]

  private static let first: [Row] = [
    Row(
      "v1, this group's",
      [
        own: "5:memory:/a\n4:cpu,cpuacct:/a\n", v1 + "/a/cpu.cfs_quota_us": "250000\n",
        v1 + "/a/cpu.cfs_period_us": "100000\n",
      ], 3),
    Row(
      "v1, the container sees its own group as the root",
      [
        own: "4:cpuacct,cpu:/kubepods/x\n", v1 + "/cpu.cfs_quota_us": "200000\n",
        v1 + "/cpu.cfs_period_us": "100000\n",
      ], 2),
    Row(
      "v1, no limit",
      [
        own: "4:cpu:/\n", v1 + "/cpu.cfs_quota_us": "-1\n", v1 + "/cpu.cfs_period_us": "100000\n",
      ], nil),
    Row(
      "v1, another controller's group",
      [
        own: "4:cpuset:/\n", v1 + "/cpu.cfs_quota_us": "100000\n",
        v1 + "/cpu.cfs_period_us": "100000\n",
      ], nil),
    Row("v1, no period", [own: "4:cpu:/\n", v1 + "/cpu.cfs_quota_us": "100000\n"], nil),
    Row(
      "both, the stricter counts",
      [
        own: "4:cpu:/\n0::/\n", v1 + "/cpu.cfs_quota_us": "200000",
        v1 + "/cpu.cfs_period_us": "100000", v2 + "/cpu.max": "500000 100000",
      ], 2),
  ]

  private static let nonsense: [Row] =
    [Row("no control groups", [:], nil), Row("an empty list", [own: ""], nil)]
    + ["\n\n", ":::\n", "0\n", "0:\n", "0::\n", "x:cpu\n", "\0\0", "0::/\u{FF}\n", "cpu"].map {
      Row("list \($0.debugDescription)", [own: $0], nil)
    }
    + [
      "", "\n", "max", "100000", "x y", "1 2 3", "0 100000", "100000 0", "-1 100000", "1 -1",
      "99999999999999999999 100000", "100000 99999999999999999999", "1e5 1e5", "0x10 0x10",
      "\0 \0", "100000,100000",
    ].map { Row("limit \($0.debugDescription)", [own: "0::/\n", v2 + "/cpu.max": $0], nil) }
    + [
      Row(
        "the largest numbers", [own: "0::/", v2 + "/cpu.max": "\(Int.max) 1"], Int.max),
      Row("the largest period", [own: "0::/", v2 + "/cpu.max": "1 \(Int.max)"], 1),
      Row(
        "a path of ten thousand groups",
        [
          own: "0::" + String(repeating: "/x", count: 10_000) + "\n",
          v2 + "/cpu.max": "200000 100000",
        ], 2),
    ]

  private func makeTree(_ files: [String: String], in folder: TemporaryFolder) throws {
    for (path, text) in files {
      var made = ""
      for part in path.split(separator: "/").dropLast() {
        made += "/" + part
        _ = unsafe mkdir(folder.path + made, 0o755)
      }
      try folder.write(text, to: String(path.dropFirst()))
    }
  }

  @Test(arguments: second + first + nonsense)
  func `a quota is read from the control groups`(row: Row) throws {
    let folder = try TemporaryFolder()
    try makeTree(row.files, in: folder)
    #expect(CoreCount.quota(root: folder.path) == row.quota)
    // Never none, never more than there are, never more than workers may be.
    let machine = CoreCount.usable(root: folder.path("nothing"))
    let expected = min(row.quota ?? machine, machine)
    #expect(CoreCount.usable(root: folder.path) == expected)
  }

  @Test func `this machine has a core`() {
    #expect((1...CoreCount.workerCountMax).contains(CoreCount.usable()))
  }
}
