import Corefile
import DNSWire
import Glibc
import PluginChain
import Plugins
import Sockets
import Synchronization
import ZoneText

/// A Corefile, read, parsed and set up; nothing is started.
struct LoadedCorefile {
  /// The file's name in messages.
  let path: String
  /// What plugins contributed.
  let setup: ServerSetup
  /// The server blocks.
  let blocks: [BlockPlan]
  /// The text, parsed.
  let corefile: ParsedCorefile
  /// The files it was read from, the Corefile first; none when it was no file.
  let files: [String]
  /// SHA-512 of its text with all imports, in hexadecimal.
  let digest: String

  /// Everything found, in the order of its place in the text.
  var diagnostics: [Diagnostic] {
    setup.diagnostics.enumerated().sorted { one, two in
      let (left, right) = (one.element.position, two.element.position)
      return (left.line, left.column, one.offset) < (right.line, right.column, two.offset)
    }.map(\.element)
  }

  /// Whether the server can start from it.
  var hasErrors: Bool { setup.diagnostics.contains { $0.severity == .error } }
}

/// CoreDNS's Corefile when there is none.
private let defaultCorefile = ".\nwhoami\nlog\n"

/// A Corefile's text with all that it imports, parsed; no plugin has seen it.
struct CorefileText {
  /// The file's name in messages.
  let name: String
  /// The text, parsed.
  let corefile: ParsedCorefile
  /// The files it was read from, the Corefile first; none when it was no file.
  let files: [String]
  /// SHA-512 of its text with all imports, in hexadecimal.
  let digest: String

  /// Reads `path`: a file, `stdin`, or `./Corefile` when `nil`. That one may be missing if
  /// `allowsDefault`: then it is CoreDNS's built-in text.
  init(_ path: String?, allowsDefault: Bool = true) throws(StartError) {
    let files = RecordingFiles()
    var name = path ?? "Corefile"
    let text: String
    if path == "stdin" || path == "-" {
      text = readStandardInput()
      name = "stdin"
    } else {
      do throws(FileProblem) {
        text = try files.read(name)
      } catch {
        if path != nil || !allowsDefault || !isMissing(name) {
          throw StartError("\(name): \(error)")
        }
        text = defaultCorefile
        name = "built-in Corefile"
      }
    }
    var environment: [String: String] = [:]
    for entry in environmentEntries() {
      guard let equals = entry.firstIndex(of: "=") else { continue }
      environment[String(entry[..<equals])] = String(entry[entry.index(after: equals)...])
    }
    corefile = parseCorefile(text, file: name, environment: environment, files: files)
    self.name = name
    let isFile = !files.texts.isEmpty
    self.files = isFile ? corefile.files : []
    digest = SHA512.hexadecimal(isFile ? files.texts : Array(text.utf8))
  }

  /// Sets every server block up; starts nothing.
  func setUp(
    workerCount: Int, defaultPort: UInt16 = 53, log: any LogSink, kept: KeptState = KeptState()
  ) -> LoadedCorefile {
    var setup = ServerSetup(
      workerCount: workerCount, log: log, kept: kept, version: Swiftlet.version)
    setup.defaultPort = defaultPort
    let blocks = setUpBlocks(corefile, &setup)
    Ready.addEndpoints(&setup)
    Prometheus.addEndpoints(&setup, version: Swiftlet.version)
    return LoadedCorefile(
      path: name, setup: setup, blocks: blocks, corefile: corefile, files: files, digest: digest)
  }
}

/// Reads a Corefile and sets it up.
func loadCorefile(
  _ path: String?, workerCount: Int, defaultPort: UInt16 = 53, log: any LogSink
) throws(StartError) -> LoadedCorefile {
  try CorefileText(path).setUp(workerCount: workerCount, defaultPort: defaultPort, log: log)
}

/// The disk's files, and what was read of them.
private final class RecordingFiles: CorefileFiles {
  private let disk = DiskFiles()
  private let read = Mutex<[UInt8]>([])

  /// All texts in the order of reading, with a zero behind each.
  var texts: [UInt8] { read.withLock { $0 } }

  func read(_ path: String) throws(FileProblem) -> String {
    let text = try disk.read(path)
    read.withLock { $0 += Array(text.utf8) + [0] }
    return text
  }

  func glob(_ pattern: String) -> [String] { disk.glob(pattern) }
}

private func isMissing(_ path: String) -> Bool {
  unsafe access(path, F_OK) != 0
}

private func environmentEntries() -> [String] {
  var entries: [String] = []
  var entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = unsafe environ
  // SAFETY: environ is a list of C strings that ends with a null pointer.
  while let text = unsafe entry.pointee {
    unsafe entries.append(String(cString: text))
    unsafe entry += 1
  }
  return entries
}

/// All of standard input, at most as much as a Corefile may be.
private func readStandardInput() -> String {
  var octets: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while octets.count <= CorefileLimits.fileByteCountMax {
    let count = unsafe chunk.withUnsafeMutableBytes { buffer in
      unsafe read(STDIN_FILENO, buffer.baseAddress, buffer.count)
    }
    guard count > 0 else { break }
    octets += chunk[..<count]
  }
  return String(decoding: octets, as: UTF8.self)
}

/// Writes a line to standard error.
func complain(_ line: String) {
  let octets = Array((line + "\n").utf8)
  unsafe octets.withUnsafeBytes { buffer in
    unsafe _ = write(STDERR_FILENO, buffer.baseAddress, buffer.count)
  }
}
