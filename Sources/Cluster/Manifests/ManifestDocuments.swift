/// Turns a file's octets into documents and items, one after the other: finds out the notation,
/// checks the encoding, and takes care that a large file is never one large tree.
struct ManifestDocuments {
  private let octets: [UInt8]
  private let path: String

  /// The documents of a file. Its limits and encoding are checked here.
  init(_ octets: [UInt8], path: String) throws(ManifestFormatProblem) {
    guard octets.count <= ManifestText.octetCountMax else {
      throw ManifestFormatProblem(message: "the file is larger than 64 MiB")
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    self.octets = octets.starts(with: mark) ? Array(octets.dropFirst(mark.count)) : octets
    self.path = path
    guard String(validating: self.octets, as: UTF8.self) != nil else {
      throw ManifestFormatProblem(message: "the file is not UTF-8 text")
    }
  }

  /// Adds every document to `contents`.
  ///
  /// A name that ends in `.json`, or text that starts with a bracket, is read as JSON first, then
  /// as YAML (flow mappings start the same way).
  func add(to contents: inout ManifestContents) throws(ManifestFormatProblem) {
    guard let first = octets.first(where: { !Self.isBlank($0) }) else { return }
    let isNamedJSON = path.hasSuffix(".json")
    guard isNamedJSON || first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      return try addYAML(to: &contents)
    }
    let jsonProblem: ManifestFormatProblem
    do {
      contents.add(try JSONDocument.read(octets), document: 1)
      return
    } catch {
      jsonProblem = error
    }
    do {
      try addYAML(to: &contents)
    } catch {
      throw isNamedJSON ? jsonProblem : error
    }
  }

  // MARK: - YAML

  private func addYAML(to contents: inout ManifestContents) throws(ManifestFormatProblem) {
    if let complaint = YAMLKeyGuard.complaint(about: octets) {
      throw ManifestFormatProblem(message: complaint)
    }
    var reader = YAMLDocuments()
    var documentCount = 0
    var lineCount = 0
    for range in YAMLParts.documents(octets) {
      if let parts = YAMLParts.list(octets, range),
        let added = Self.added(parts, of: octets, document: documentCount + 1, to: contents)
      {
        contents = added
        documentCount += 1
      } else {
        let values: [ManifestValue]
        do {
          values = try reader.read(octets[range], after: lineCount)
        } catch {
          let inner = error.document ?? 0
          throw ManifestFormatProblem(
            document: documentCount + inner + 1, message: error.message)
        }
        for value in values {
          documentCount += 1
          contents.add(value, document: documentCount)
        }
      }
      lineCount += octets[range].count { $0 == UInt8(ascii: "\n") }
    }
  }

  /// `contents` with the items of a List that is read in parts; `nil` when it is no List, or a part
  /// does not read on its own.
  private static func added(
    _ parts: YAMLParts.List, of octets: [UInt8], document: Int, to contents: ManifestContents
  ) -> ManifestContents? {
    var contents = contents
    var reader = YAMLDocuments()
    guard let head = try? reader.read(parts.head[...]), head.count == 1, let head = head.first,
      let list = contents.list(head)
    else { return nil }
    var itemCount = 0
    for range in parts.items {
      guard let values = try? reader.read(octets[range]), values.count == 1,
        case .list(let items)? = values.first
      else { return nil }
      contents.addItems(
        items, of: list, at: ManifestPlace(document: document, item: itemCount), depth: 0)
      itemCount += items.count
    }
    return contents
  }

  private static func isBlank(_ octet: UInt8) -> Bool {
    octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D
  }
}
