import Foundation
import TestSupport
import Testing

/// `swiftlet dump`: all records of the zones, without serving them.
@Suite struct DumpTests {
  private let folder: TemporaryFolder
  private let file: String

  init() throws {
    folder = try TemporaryFolder()
    let world = ManifestWorld(addresses: ["tea": "10.96.1.1", "milk": "10.96.1.2"])
    try folder.write(world.text, to: "world.yaml")
    file = try folder.write(
      """
      .:53 {
          errors
          kubernetes cluster.local in-addr.arpa {
              manifests \(folder.path("world.yaml"))
              ttl 30
          }
      }

      """, to: "Corefile")
  }

  private func run(_ arguments: String...) throws -> CommandResult {
    try CommandResult.run(["dump", "-conf", file] + arguments, in: folder)
  }

  /// Lines of a zone file that are records, with runs of blanks as one space.
  private func records(_ text: String) -> [String] {
    text.split(separator: "\n").filter { !$0.hasPrefix(";") && !$0.hasPrefix("$") }
      .map { $0.split { $0 == " " || $0 == "\t" }.joined(separator: " ") }
  }

  @Test func `all zones are written as zone text`() throws {
    let result = try run()
    #expect(result.end == .exit(0))
    #expect(result.standardError.isEmpty)
    let lines = records(result.standardOutput)
    #expect(lines.contains("tea.shop.svc.cluster.local. 30 IN A 10.96.1.1"))
    #expect(lines.contains("milk.shop.svc.cluster.local. 30 IN A 10.96.1.2"))
    #expect(lines.contains("1.1.96.10.in-addr.arpa. 30 IN PTR tea.shop.svc.cluster.local."))
    #expect(lines.contains { $0.hasPrefix("cluster.local. 30 IN SOA ns.dns.cluster.local. ") })
    #expect(
      lines.contains {
        $0.hasPrefix("dns-version.cluster.local. ") && $0.hasSuffix(" IN TXT \"1.1.0\"")
      })
    #expect(lines.contains { $0.hasPrefix("_http._tcp.tea.shop.svc.cluster.local. 30 IN SRV 0 ") })
  }

  @Test(arguments: ["cluster.local", "cluster.local.", "CLUSTER.local"])
  func `one zone can be asked for`(zone: String) throws {
    let result = try run(zone)
    #expect(result.end == .exit(0))
    let lines = records(result.standardOutput)
    #expect(lines.contains("tea.shop.svc.cluster.local. 30 IN A 10.96.1.1"))
    #expect(!lines.contains { $0.contains("in-addr.arpa") })
  }

  @Test func `the same objects give the same text`() throws {
    // The SOA serial may tell the time.
    func stable(_ text: String) -> [String] { records(text).filter { !$0.contains(" SOA ") } }
    #expect(try stable(run().standardOutput) == stable(run().standardOutput))
    #expect(try !stable(run().standardOutput).isEmpty)
  }

  @Test func `a zone that is not served is refused`() throws {
    let result = try run("example.org")
    if case .exit(0) = result.end { Issue.record("exit 0") }
    #expect(result.standardOutput.isEmpty)
    #expect(result.errorLines.count == 1)
    #expect(result.standardError.contains("example.org"))
  }

  @Test func `JSON can be read`() throws {
    let result = try run("--format", "json")
    #expect(result.end == .exit(0))
    #expect(result.standardError.isEmpty)
    #expect(result.standardOutput.contains("tea.shop.svc.cluster.local"))
    // One document, or one a line.
    let documents =
      Self.isJSON(result.standardOutput)
      ? [result.standardOutput] : result.standardOutput.split(separator: "\n").map(String.init)
    #expect(!documents.isEmpty && documents.allSatisfy(Self.isJSON))
  }

  @Test func `the zone format can be named`() throws {
    let result = try run("--format", "zone")
    #expect(result.end == .exit(0))
    let lines = records(result.standardOutput)
    #expect(lines.contains("tea.shop.svc.cluster.local. 30 IN A 10.96.1.1"))
  }

  @Test func `an unknown format is refused`() throws {
    let result = try run("--format", "xml")
    if case .exit(0) = result.end { Issue.record("exit 0") }
    #expect(result.standardOutput.isEmpty)
    #expect(!result.errorLines.isEmpty)
  }

  @Test func `manifests that cannot be read are an error`() throws {
    try FileManager.default.removeItem(atPath: folder.path("world.yaml"))
    let result = try run()
    if case .exit(0) = result.end { Issue.record("exit 0") }
    #expect(result.standardOutput.isEmpty)
    #expect(result.standardError.contains("world.yaml"))
  }

  private static func isJSON(_ text: String) -> Bool {
    (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
  }
}
