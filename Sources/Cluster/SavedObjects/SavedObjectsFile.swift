import Files

/// The file that objects are saved in.
package struct SavedObjectsFile: Hashable, Sendable {
  /// Where it is.
  package let path: String
  /// The options that decide what is kept and how: objects saved under others are not taken.
  package let terms: String

  /// A file that need not be there.
  package init(path: String, terms: String) {
    self.path = path
    self.terms = terms
  }

  /// Saves all objects, which were certainly what the API server had at `time` (seconds since
  /// 1970); what is in the file stays until the new one is whole. Waits for the disk.
  package func save(_ records: ClusterRecords, time: UInt64) throws(PosixProblem) {
    let file = try AtomicFile(replacing: path)
    var writer = SavedObjectsWriter(terms: terms, time: time)
    var copy = records.beginCopy()
    defer { records.endCopy() }
    do throws(CopyProblem) {
      while try records.copySome(&copy, to: &writer) {
        do throws(PosixProblem) { try file.append(writer.take()) } catch { throw .disk(error) }
      }
    } catch {
      switch error {
      case .disk(let problem): throw problem
      case .overflow: throw PosixProblem(message: "too much changed while it was written")
      }
    }
    writer.end()
    try file.append(writer.take())
    try file.commit()
  }

  /// Reads the file. Waits for the disk.
  package func read() throws(SavedObjectsProblem) -> SavedObjects {
    switch PosixFile.status(path) {
    case .missing: throw .missing
    case .unknown(let message): throw .unreadable(message)
    case .folder, .special: throw .unreadable("it is no regular file")
    case .file: break
    }
    let octets: [UInt8]
    do throws(PosixProblem) {
      octets = try PosixFile.read(path, octetCountMax: SavedForm.fileOctetCountMax).octets
    } catch {
      throw .unreadable(error.message)
    }
    return try SavedObjects(octets, terms: terms)
  }
}
