import Foundation

/// The executable under test.
package enum SwiftletBinary {
  /// Why there is nothing to test.
  package struct Missing: Error, CustomStringConvertible {
    /// The places that were looked at.
    package let places: [String]

    package var description: String {
      "no swiftlet executable; set SWIFTLET_BINARY or build it (looked at \(places))"
    }
  }

  /// `SWIFTLET_BINARY` of the environment, else `swiftlet` beside the test bundle.
  package static func path() throws(Missing) -> String {
    if let path = ProcessInfo.processInfo.environment["SWIFTLET_BINARY"], !path.isEmpty {
      guard FileManager.default.isExecutableFile(atPath: path) else {
        throw Missing(places: [path])
      }
      return path
    }
    let places = candidates()
    guard let path = places.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw Missing(places: places)
    }
    return path
  }

  private static func candidates() -> [String] {
    var bundles = CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
    if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      bundles.append(link)
    }
    return bundles.map {
      URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent("swiftlet").path
    }
  }
}
