import Glibc

/// The files of the disk, through POSIX calls; follows symbolic links, as ConfigMap volumes need.
package struct DiskFiles: CorefileFiles {
  /// The files of the disk.
  package init() {}

  /// The text of the regular file at `path`, at most `CorefileLimits.fileByteCountMax` octets.
  package func read(_ path: String) throws(FileProblem) -> String {
    // Not blocking: opening a pipe would wait for a writer.
    // SAFETY: the call reads the NUL-terminated text that it is lent, and keeps nothing.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.problem(errno) }
    defer { _ = close(descriptor) }
    var status = stat()
    // SAFETY: fstat fills the one stat structure that the call lends to it.
    guard unsafe fstat(descriptor, &status) == 0 else { throw Self.problem(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegularFile }
    let limit = CorefileLimits.fileByteCountMax
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      // SAFETY: the kernel writes at most `count` octets into the buffer of that many.
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.problem(errno) }
      if count == 0 { break }
      bytes += chunk.prefix(count)
      guard bytes.count <= limit else { throw .tooLarge(limitByteCount: limit) }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
    return text
  }

  /// The regular files that match; patterns may be in any component. Looks at no more than
  /// `CorefileLimits.globEntryCountMax` directory entries.
  package func glob(_ pattern: String) -> [String] {
    var entryCount = 0
    var found = [pattern.hasPrefix("/") ? "/" : ""]
    for component in pattern.split(separator: "/") {
      guard CorefilePath.hasWildcard(String(component)) else {
        found = found.map { Self.join($0, component) }
        continue
      }
      guard let matcher = GlobPattern(component) else { return [] }
      var next: [String] = []
      for folder in found {
        for name in Self.names(in: folder, entryCount: &entryCount) where matcher.matches(name) {
          next.append(Self.join(folder, name))
        }
      }
      found = next
    }
    return found.filter(Self.isRegularFile).sorted()
  }

  // MARK: - Calls

  private static func join(_ folder: String, _ name: some StringProtocol) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  private static func problem(_ number: Int32) -> FileProblem {
    switch number {
    case ENOENT, ENOTDIR: .notFound
    case EACCES, EPERM: .notPermitted
    default: .system(errno: number)
    }
  }

  private static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: stat fills the one stat structure that the call lends to it.
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The names in `folder`, without `.` and `..`; empty when it is none or may not be read.
  private static func names(in folder: String, entryCount: inout Int) -> [String] {
    // SAFETY: the stream is closed on the only way out and not used after that.
    guard let stream = unsafe opendir(folder.isEmpty ? "." : folder) else { return [] }
    // SAFETY: as above; closed once.
    defer { _ = unsafe closedir(stream) }
    var names: [String] = []
    // SAFETY: the entry is valid until the next readdir and only read before that.
    while entryCount < CorefileLimits.globEntryCountMax, let entry = unsafe readdir(stream) {
      entryCount += 1
      // SAFETY: d_name is a NUL-terminated text inside the entry (POSIX dirent.h).
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
