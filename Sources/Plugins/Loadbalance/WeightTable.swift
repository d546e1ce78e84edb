import DNSWire
import Files
import PluginChain
import Synchronization

/// The weights in use, and the file they come from.
final class WeightTable: Sendable {
  /// Between two looks at the file, at least.
  private static let intervalMin = Duration.milliseconds(10)

  private let path: String
  private let interval: Duration
  private let log: any LogSink
  private let file = Mutex(WeightFile())
  private let signature = Mutex<FileSignature?>(nil)

  /// The weights of the file at `path`, to be read again when it has changed after each `interval`;
  /// never with an interval of zero.
  init(path: String, interval: Duration, log: any LogSink) {
    self.path = path
    self.interval = interval
    self.log = log
  }

  /// The place in a run that comes first, chosen at random by weight; an address without a weight
  /// has 1.
  func choice(of run: AddressRun, draw: UInt32) -> Int {
    let known = file.withLock { $0.weights[run.owner] } ?? [:]
    let weights = run.addresses.map { known[$0] ?? 1 }
    let sum = weights.reduce(0, &+)
    // A draw of 32 bits scaled to the sum: the bias is far below what a client could notice.
    var rest = Int((UInt64(draw) &* UInt64(max(sum, 1))) >> 32)
    for (place, weight) in weights.enumerated() {
      if rest < weight { return place }
      rest &-= weight
    }
    return 0
  }

  // MARK: - The file

  /// Reads the file for the first time. A file that cannot be opened is awaited, if it is to be
  /// read again; one with an error in it ends the start.
  func prepare() throws(StartError) {
    do throws(Failure) {
      _ = try readIfChanged()
    } catch {
      guard case .unreadable(let words) = error, interval > .zero else {
        throw StartError("loadbalance: \(error.words)")
      }
      log.write(.warning, "plugin/loadbalance: \(words); it is tried again")
    }
  }

  /// Reads the file again whenever it has changed, until the task is cancelled. What is wrong is
  /// told once for each change, and the weights before it stay.
  func run() async {
    var last: String?
    while interval > .zero {
      do { try await Task.sleep(for: max(interval, Self.intervalMin)) } catch { return }
      do throws(Failure) {
        if try readIfChanged() { log.write(.info, "plugin/loadbalance: read \(path) again") }
        last = nil
      } catch {
        if last != error.words { log.write(.error, "plugin/loadbalance: \(error.words)") }
        last = error.words
      }
    }
  }

  private enum Failure: Error {
    case unreadable(String)
    case wrong(String)

    var words: String {
      switch self {
      case .unreadable(let words), .wrong(let words): words
      }
    }
  }

  /// Whether the file was another than before.
  private func readIfChanged() throws(Failure) -> Bool {
    let known = signature.withLock { $0 }
    if let known, PosixFile.status(path) == .file(known) { return false }
    let octets: [UInt8]
    let found: FileSignature
    do throws(PosixProblem) {
      (octets, found) = try PosixFile.read(path, octetCountMax: WeightFile.octetCountMax)
    } catch {
      throw .unreadable("\(path): \(error.message)")
    }
    // Also that of a wrong file: it is wrong until it changes.
    signature.withLock { $0 = found }
    do throws(WeightFile.Problem) {
      let new = try WeightFile(String(decoding: octets, as: UTF8.self), path: path)
      file.withLock { $0 = new }
    } catch {
      throw .wrong(error.description)
    }
    return true
  }
}
