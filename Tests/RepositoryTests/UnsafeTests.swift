import Testing

/// Where code may be unsafe in the sense of Swift's strict memory safety, and why.
enum UnsafeCode {
  /// Files, or folders with a slash at the end, each with its reason.
  static let places = [
    "Sources/Sockets/": "the kernel's network: addresses, batches and events are C structures",
    "Sources/ZoneText/": "libldns hands out C pointers",
    "Sources/Patterns/": "RE2 is called through C functions",
    "Sources/DNSWire/ReplyWriter.swift": "writes replies into a buffer that it does not own",
    "Sources/RecordStore/Arena.swift": "names and records lie in one mapped region",
    "Sources/Server/Worker.swift": "lends the batch's buffers to the reply writer",
    "Sources/Server/ExchangeBuffers.swift": "lets exchanges write to buffers of their owners",
    "Sources/Corefile/DiskFiles.swift": "reads files and folders through POSIX calls",
    "Sources/Files/": "files, folders, waiting and threads through POSIX calls",
    "Sources/Plugins/Kubernetes/ManifestFeed.swift":
      "asks whether manifests can be read, and what time it is",
    "Sources/swiftlet/CorefileLoading.swift": "environment, standard input and standard error",
    "Sources/swiftlet/Dump.swift": "writes to standard output",
    "Sources/swiftlet/OutputLog.swift": "writes to standard output",
    "Sources/swiftlet/Serve.swift": "writes the process ID to a file",
  ]

  /// Whether a place of the list covers the path.
  static func covers(_ place: String, _ path: String) -> Bool {
    place.hasSuffix("/") ? path.hasPrefix(place) : path == place
  }

  /// The lines with unsafe code.
  static func lines(_ file: SwiftFile) -> [Int] {
    zip(file.codeLines, 1...).filter { line, _ in
      line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains("unsafe")
    }.map(\.1)
  }

  /// Unsafe code in a file that the list does not cover.
  static func unlisted(_ file: SwiftFile) -> [Finding] {
    guard !places.keys.contains(where: { covers($0, file.path) }) else { return [] }
    return lines(file).map {
      Finding(file.path, $0, "unsafe code in a file that UnsafeCode.places does not list")
    }
  }
}

@Suite struct UnsafeTests {
  @Test func `unsafe code stays where it is listed`() {
    expectNone(Repository.sources.flatMap(UnsafeCode.unlisted))
  }

  @Test(arguments: UnsafeCode.places.keys.sorted())
  func `every listed place has unsafe code`(place: String) {
    let files = Repository.sources.filter { UnsafeCode.covers(place, $0.path) }
    #expect(files.contains { !UnsafeCode.lines($0).isEmpty }, "\(place) needs no entry")
  }

  @Test(arguments: [
    ("let a = unsafe f()", [1]), ("// unsafe\nlet a = \"unsafe\"", []),
    ("@unsafe\nfunc f() {}", [1]),
    ("nonisolated(unsafe) var a = 1", [1]), ("let unsafeCount = \"\\(unsafe f())\"", [1]),
    ("let unsafeCount = 1", []),
  ])
  func `unsafe code is found`(text: String, lines: [Int]) {
    let file = SwiftFile(path: "Sources/DNSWire/A.swift", text: text)
    #expect(UnsafeCode.unlisted(file).map(\.line) == lines)
    #expect(UnsafeCode.unlisted(SwiftFile(path: "Sources/Sockets/A.swift", text: text)).isEmpty)
  }
}
