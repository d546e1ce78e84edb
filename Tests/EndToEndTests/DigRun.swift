import TestSupport

/// One run of dig, the client that most people have.
struct DigRun: Sendable {
  /// The records that it printed, `OWNER TTL CLASS TYPE DATA` with one blank between.
  let records: [String]
  /// The records without TTL and class.
  var plainRecords: [String] {
    records.map { line in
      let words = line.split(separator: " ", maxSplits: 4)
      return words.count == 5 ? "\(words[0]) \(words[3]) \(words[4])" : line
    }
  }
  /// RCODE as dig names it.
  let status: String
  /// The flags, with blanks between.
  let flags: String
  /// Everything that it printed.
  let output: String

  /// Asks `port` on the loopback with these words.
  init(_ words: String, port: UInt16) throws {
    let folder = try TemporaryFolder()
    let process = try ChildProcess(
      executable: "/usr/bin/env",
      arguments: ["dig", "@127.0.0.1", "-p", String(port), "+time=20", "+tries=2", "+nostats"]
        + words.split(separator: " ").map(String.init),
      folder: folder.path, standardOutput: folder.path("out.txt"),
      standardError: folder.path("err.txt"))
    _ = process.waitForEnd(.seconds(30))
    process.stop()
    output = folder.read("out.txt") + folder.read("err.txt")
    let lines = output.split(separator: "\n").map(String.init)
    records = lines.filter { !$0.hasPrefix(";") }.map { line in
      line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    func word(after mark: String, upTo end: Character) -> String {
      for line in lines {
        if let start = line.firstRange(of: mark) {
          return String(line[start.upperBound...].prefix { $0 != end })
        }
      }
      return ""
    }
    status = word(after: "status: ", upTo: ",")
    flags = word(after: ";; flags: ", upTo: ";")
  }
}
