import Glibc

/// A file that comes into being whole or not at all: written under another name in the same folder,
/// and renamed once everything is on the disk. Whoever made it may read and write it, nobody else.
///
/// The other name is fixed, so that an interrupted writer leaves no litter behind: one writer a
/// path.
package final class AtomicFile {
  private let path: String
  private let descriptor: OwnedDescriptor
  private var isDone = false

  private var temporaryPath: String { path + ".tmp" }

  /// Begins a file that will be at `path`.
  package init(replacing path: String) throws(PosixProblem) {
    self.path = path
    let temporary = path + ".tmp"
    // What an interrupted writer left; O_EXCL sees to it that a link is never followed.
    // SAFETY: the path is passed as a NUL-terminated copy.
    _ = unsafe unlink(temporary)
    // SAFETY: as above.
    let number = unsafe open(
      temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)
    guard number >= 0 else { throw .current() }
    descriptor = OwnedDescriptor(owning: number)
  }

  deinit {
    if isDone { return }
    // SAFETY: the path is passed as a NUL-terminated copy.
    _ = unsafe unlink(temporaryPath)
  }

  /// Appends octets.
  package func append(_ octets: [UInt8]) throws(PosixProblem) {
    var index = 0
    let number = descriptor.number
    while index < octets.count {
      // SAFETY: the kernel reads at most `count` octets behind `index`, all of them the array's.
      let count = unsafe octets.withUnsafeBytes {
        unsafe Glibc.write(number, $0.baseAddress?.advanced(by: index), octets.count - index)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .current() }
      index += count
    }
  }

  /// Puts the file in its place once it is on the disk; nothing may be appended after that.
  package func commit() throws(PosixProblem) {
    guard fsync(descriptor.number) == 0 else { throw .current() }
    // SAFETY: both paths are passed as NUL-terminated copies.
    guard unsafe rename(temporaryPath, path) == 0 else { throw .current() }
    isDone = true
    // The name itself is on the disk only with its folder; file systems that cannot do that are
    // left to themselves.
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    // SAFETY: the path is passed as a NUL-terminated copy.
    let number = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if number < 0 { return }
    _ = fsync(number)
    _ = close(number)
  }
}
