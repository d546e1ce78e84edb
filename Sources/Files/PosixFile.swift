import Glibc

/// A file descriptor that is closed with its owner.
package struct OwnedDescriptor: ~Copyable {
  /// The number.
  package let number: Int32

  /// Takes over a descriptor that nobody else closes.
  init(owning number: Int32) { self.number = number }

  deinit { _ = close(number) }
}

/// What tells one content of a file from another without reading it.
package struct FileSignature: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  private let octetCount: Int64
  private let modified: [Int]
  /// When the content was last written, in seconds since 1970 (UTC), with a fraction.
  package let modifiedSeconds: Double

  fileprivate init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    octetCount = Int64(status.st_size)
    modified = [
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
    modifiedSeconds = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
  }
}

/// What is at a path, links followed.
package enum FileStatus: Hashable, Sendable {
  /// A regular file.
  case file(FileSignature)
  /// A folder.
  case folder
  /// A device, pipe or socket.
  case special
  /// Nothing, or a link to nothing.
  case missing
  /// It cannot be told; the system's words.
  case unknown(String)
}

/// A system call's failure, in the system's words.
package struct PosixProblem: Error, Hashable, Sendable {
  /// The words for `errno`.
  package let message: String

  /// A failure in these words.
  package init(message: String) { self.message = message }

  /// The failure that `errno` tells of.
  package static func current() -> PosixProblem {
    // SAFETY: strerror returns a NUL-terminated text that is copied at once; a text changed by
    // another thread in between would still be terminated (glibc keeps one buffer a thread).
    PosixProblem(message: unsafe String(cString: strerror(errno)))
  }
}

/// Reading files with limits, and without ever waiting for one.
package enum PosixFile {
  private static let chunkOctetCount = 1 << 16

  /// What is at `path`.
  package static func status(_ path: String) -> FileStatus {
    var status = stat()
    // SAFETY: the path is passed as a NUL-terminated copy, the status by address for the call.
    guard unsafe stat(path, &status) == 0 else {
      return errno == ENOENT || errno == ENOTDIR
        ? .missing : .unknown(PosixProblem.current().message)
    }
    return self.status(status)
  }

  /// Whether the entry itself, links not followed, is a regular file with one name: one that its
  /// creator holds open.
  package static func isFreshFile(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: as in `status`.
    guard unsafe lstat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFREG && status.st_nlink == 1
  }

  /// A regular file's octets and the signature they were read under; refused beyond
  /// `octetCountMax` octets.
  package static func read(
    _ path: String, octetCountMax: Int
  ) throws(PosixProblem) -> (octets: [UInt8], signature: FileSignature) {
    var octets: [UInt8] = []
    let signature = try read(path, octetCountMax: octetCountMax) { chunk, fileOctetCount in
      if octets.isEmpty { octets.reserveCapacity(min(fileOctetCount, octetCountMax)) }
      octets += chunk
    }
    return (octets, signature)
  }

  /// Hands a regular file's octets to `take`, one chunk after the other, so that the file need not
  /// be in memory whole; with each the octets that the file had when it was opened. Returns the
  /// signature they were read under. Refused beyond `octetCountMax` octets; `take` may have had
  /// some of them by then.
  package static func read(
    _ path: String, octetCountMax: Int,
    _ take: (_ chunk: ArraySlice<UInt8>, _ fileOctetCount: Int) -> Void
  ) throws(PosixProblem) -> FileSignature {
    // O_NONBLOCK: a pipe in a file's place must not stop the thread.
    // SAFETY: the path is passed as a NUL-terminated copy.
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw .current() }
    let descriptor = OwnedDescriptor(owning: number)
    var status = stat()
    // SAFETY: the status is passed by address for the call.
    guard unsafe fstat(descriptor.number, &status) == 0 else { throw .current() }
    guard case .file(let signature) = self.status(status) else {
      throw PosixProblem(message: "it is not a regular file")
    }
    let fileOctetCount = max(Int(status.st_size), 0)
    var octetCount = 0
    var chunk = [UInt8](repeating: 0, count: chunkOctetCount)
    while true {
      let count = read(descriptor, into: &chunk)
      guard count >= 0 else { throw .current() }
      if count == 0 { return signature }
      octetCount += count
      guard octetCount <= octetCountMax else {
        throw PosixProblem(message: "it is larger than \(size(octetCountMax))")
      }
      take(chunk.prefix(count), fileOctetCount)
    }
  }

  /// Where the link at `path` leads, as it is written there; `nil` when there is no link.
  package static func linkTarget(_ path: String) -> String? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    // SAFETY: the path is passed as a NUL-terminated copy; the kernel writes at most the array's
    // count of octets into it.
    let count = unsafe readlink(path, &target, target.count)
    guard count > 0 else { return nil }
    return String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func size(_ octetCount: Int) -> String {
    octetCount < 1 << 20 ? "\(octetCount >> 10) KiB" : "\(octetCount >> 20) MiB"
  }

  /// One `read(2)` into `chunk`, again when interrupted; the count, or -1 with `errno`.
  static func read(_ descriptor: borrowing OwnedDescriptor, into chunk: inout [UInt8]) -> Int {
    let number = descriptor.number
    while true {
      // SAFETY: the kernel writes at most `count` octets into the array's own storage.
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(number, $0.baseAddress, $0.count)
      }
      if count >= 0 || errno != EINTR { return count }
    }
  }

  private static func status(_ status: stat) -> FileStatus {
    switch status.st_mode & S_IFMT {
    case S_IFREG: .file(FileSignature(status))
    case S_IFDIR: .folder
    default: .special
    }
  }
}
