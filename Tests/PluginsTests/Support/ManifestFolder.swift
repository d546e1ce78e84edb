import TestSupport

/// A folder with one manifest, removed with its owner. (Kept apart: `TestSupport` has readers and
/// addresses of its own that go by the names of the codec's.)
final class ManifestFolder: Sendable {
  private let folder: TemporaryFolder
  /// Where the manifest is, absolute.
  let path: String

  /// Writes `text` as `world.yaml`.
  init(_ text: String) throws {
    folder = try TemporaryFolder()
    path = try folder.write(text, to: "world.yaml")
  }
}
