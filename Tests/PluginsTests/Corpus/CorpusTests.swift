import Corefile
import DNSWire
import Plugins
import TestSupport
import Testing

/// Corefiles as they are deployed, and ones with a mistake: what `check` finds in each.
@Suite struct CorpusTests {
  static let good = CorpusFile.all("good")
  /// Zones that two server blocks want are found when listeners are planned: see
  /// `CheckCommandTests`.
  static let bad = CorpusFile.all("bad").filter { !$0.testDescription.hasPrefix("listener-") }

  /// A machine with one interface, whose resolver is a stub on the loopback.
  static let machine = TrapMachine(
    addresses: Set(["127.0.0.1", "::1", "192.0.2.7"].compactMap { IPAddress(text: $0) })
  ) { path in
    path == "/etc/resolv.conf" ? [] : ["127.0.0.53"].compactMap { IPAddress(text: $0) }
  }

  @Test func `the corpus is there`() {
    #expect(Self.good.count >= 60)
    #expect(Self.bad.count >= 120)
  }

  @Test(arguments: good)
  func `a good Corefile has no error, and every doubt it is written for`(file: CorpusFile) {
    let found = file.diagnostics(machine: Self.machine)
    let errors = found.filter { $0.severity == .error }
    #expect(errors.isEmpty, "\(errors.map(\.description))")
    for expectation in file.expectations {
      #expect(
        found.contains(where: expectation.fits),
        "\(expectation) is not in \(found.map(\.description))")
    }
  }

  @Test(arguments: bad)
  func `the first error of a bad Corefile is where the mistake is`(file: CorpusFile) throws {
    let expectation = try #require(file.expectations.first)
    #expect(file.expectations.count == 1)
    let errors = file.diagnostics(machine: Self.machine).filter { $0.severity == .error }
    let first = try #require(errors.first)
    #expect(expectation.fits(first), "\(first), expected \(expectation)")
  }
}
