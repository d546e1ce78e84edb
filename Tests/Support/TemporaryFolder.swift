import Foundation
import Glibc
import Synchronization

/// A folder of its own for one test, removed with its owner.
package final class TemporaryFolder: Sendable {
  /// Where it is, absolute.
  package let path: String

  /// Makes a new folder under the system's temporary directory.
  package init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("swiftlet-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.resolvingSymlinksInPath().path
    FoldersInUse.add(path)
  }

  deinit {
    FoldersInUse.remove(path)
  }

  /// The absolute path of a name inside the folder.
  package func path(_ name: String) -> String {
    path + "/" + name
  }

  /// Writes text in place (truncate, then write) and returns the file's path.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    let file = path(name)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Writes text beside the file and renames it over it, as editors and deployments do.
  package func replace(_ name: String, with text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)), options: .atomic)
  }

  /// The text of a file; empty when there is none.
  package func read(_ name: String) -> String {
    (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? ""
  }
}

/// Folders of daemons that several tests share have no owner that goes away before the run ends.
private enum FoldersInUse {
  private static let paths = Mutex<Set<String>>([])
  private static let installed: Bool = {
    atexit { FoldersInUse.removeAll() }
    return true
  }()

  static func add(_ path: String) {
    _ = installed
    paths.withLock { _ = $0.insert(path) }
  }

  static func remove(_ path: String) {
    paths.withLock { _ = $0.remove(path) }
    try? FileManager.default.removeItem(atPath: path)
  }

  static func removeAll() {
    for path in paths.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
  }
}

extension TemporaryFolder {
  /// Renames over what is there, in one step (`rename(2)`; symbolic links are not followed).
  package func rename(_ name: String, to newName: String) throws {
    // SAFETY: both strings are lent to the call only.
    guard unsafe Glibc.rename(path(name), path(newName)) == 0 else {
      throw SocketError.system(call: "rename", code: errno)
    }
  }
}
