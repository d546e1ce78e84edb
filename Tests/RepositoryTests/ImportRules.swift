/// What the code of each target may import. The first column mirrors Package.swift and the table of
/// docs/ARCHITECTURE.md; the compiler holds it too, but not against a dependency added in haste.
enum ImportRules {
  /// What a target may import: modules of ours, and of others.
  struct Allowance: Sendable {
    /// Targets of this package.
    let own: Set<String>
    /// Modules of the system and of dependencies.
    let others: Set<String>
  }

  /// One entry a folder of Sources that holds Swift.
  static let allowances: [String: Allowance] = [
    "DNSWire": Allowance(own: [], others: ["Glibc"]),
    "Corefile": Allowance(own: [], others: ["Glibc"]),
    "Sockets": Allowance(own: ["CLinux"], others: ["Glibc", "Synchronization"]),
    "RecordStore": Allowance(own: ["DNSWire"], others: ["Glibc", "Synchronization"]),
    "PluginChain": Allowance(own: ["DNSWire", "Corefile"], others: ["Synchronization"]),
    "Upstreams": Allowance(
      own: ["DNSWire", "Sockets"],
      others: ["Glibc", "Synchronization", "NIOCore", "NIOEmbedded", "NIOSSL"]),
    "Files": Allowance(own: [], others: ["Glibc", "Synchronization"]),
    "Patterns": Allowance(own: ["CRE2"], others: []),
    "Cluster": Allowance(
      own: ["RecordStore", "DNSWire", "Files", "CLinux"],
      others: [
        "Glibc", "Synchronization", "Yams", "FoundationEssentials", "SwiftProtobuf",
        "AsyncHTTPClient", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL",
      ]),
    "Plugins": Allowance(
      own: [
        "PluginChain", "RecordStore", "Cluster", "DNSWire", "Corefile", "Sockets", "Upstreams",
        "Files", "Patterns",
      ],
      others: [
        "Glibc", "Synchronization", "Logging", "Hummingbird", "HummingbirdCore",
        "HummingbirdTLS", "NIOCore", "NIOSSL", "ServiceLifecycle", "Yams",
      ]),
    "Server": Allowance(
      own: ["PluginChain", "Sockets", "DNSWire", "Corefile"],
      others: ["Glibc", "Synchronization"]),
    "ZoneText": Allowance(own: ["CLDNS"], others: ["Glibc"]),
    "swiftlet": Allowance(
      own: [
        "Server", "Plugins", "Cluster", "ZoneText", "Corefile", "PluginChain", "RecordStore",
        "DNSWire", "Sockets", "Files",
      ],
      others: [
        "ArgumentParser", "Glibc", "Logging", "ServiceLifecycle", "Synchronization", "UnixSignals",
      ]),
  ]

  /// The targets without Swift: headers.
  static let headerTargets: Set = ["CLinux", "CLDNS", "CRE2"]

  /// The files that import Foundation or a part of it, each with its reason.
  static let foundationFiles = [
    "Sources/Cluster/Manifests/JSONDocument.swift": "reads JSON manifests",
    "Sources/Cluster/Manifests/ManifestScanner.swift": "loads the octets of manifest files",
  ]

  // MARK: - Scanners

  /// Imports that the file's target is not allowed.
  static func forbiddenImports(_ file: SwiftFile) -> [Finding] {
    guard let allowance = allowances[file.target] else {
      return [Finding(file.path, 0, "the target \(file.target) has no entry in ImportRules")]
    }
    return file.imports.compactMap { module, line in
      guard !allowance.own.contains(module), !allowance.others.contains(module) else { return nil }
      return Finding(file.path, line, "\(file.target) must not import \(module)")
    }
  }

  /// Imports of Foundation in files that are not listed for it.
  static func unlistedFoundation(_ file: SwiftFile) -> [Finding] {
    guard foundationFiles[file.path] == nil else { return [] }
    return file.imports.compactMap { module, line in
      guard module.hasPrefix("Foundation") else { return nil }
      return Finding(file.path, line, "\(module) in a file that ImportRules does not list")
    }
  }

  /// The targets of ours that each target of a Package.swift depends on; those of Tests left out.
  static func dependencies(inManifest text: String) -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    var name: String?
    for line in TextFile(path: "", text: text).lines {
      if line.contains(".testTarget(") { name = nil }
      if line.contains("//") { continue }
      // Behind the products of dependencies nothing of ours stands.
      let own = line.ranges(of: ".product(").first.map { line[..<$0.lowerBound] } ?? line[...]
      var words = own.split(separator: "\"", omittingEmptySubsequences: false)
        .enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
      if let call = [".target(", ".executableTarget(", ".systemLibrary("]
        .first(where: line.contains)
      {
        let isNamedHere = line.contains(call + "name:")
        name = isNamedHere ? words.removeFirst() : ""
      } else if name == "", line.contains("name:"), !words.isEmpty {
        name = words.removeFirst()
      }
      guard let target = name, !target.isEmpty else { continue }
      result[target, default: []].formUnion(words)
    }
    return result
  }

  /// The table of docs/ARCHITECTURE.md: what each target imports of `targets`.
  static func dependencies(
    inDocument text: String, targets: Set<String>
  ) -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    for line in TextFile(path: "", text: text).lines where line.hasPrefix("| ") {
      let cells = line.split(separator: "|").map(words)
      guard cells.count == 2, !cells[0].isEmpty, cells[0].allSatisfy(targets.contains) else {
        continue
      }
      let isComplement = cells[1].first == "all"
      // Behind a semicolon stands what a target never imports.
      let never = cells[1].firstIndex(of: "never") ?? cells[1].endIndex
      let named = Set(cells[1][..<never]).intersection(targets)
      for target in cells[0] {
        result[target] = isComplement ? targets.subtracting(named).subtracting([target]) : named
      }
    }
    return result
  }

  private static func words(_ cell: Substring) -> [String] {
    cell.split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }
}
