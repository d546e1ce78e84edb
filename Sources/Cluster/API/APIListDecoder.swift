/// What a page of a list says at its end.
package struct APIListEnd: Hashable, Sendable {
  /// The `resourceVersion` of the moment that the list shows.
  package let version: String
  /// The token of the next page; empty when this was the last.
  package let continueToken: String

  /// The end of a page from its parts.
  package init(version: String, continueToken: String = "") {
    self.version = version
    self.continueToken = continueToken
  }
}

/// Reads a page of a list while it arrives. Holds one object at a time, whatever the page's length;
/// an object that cannot be read is one entry with a problem, and the others are unharmed.
package struct APIListDecoder: Sendable {
  private let kind: ObjectKind
  private let format: APIFormat
  private var splitter: any ListSplitting
  private var head: APIListEnd?

  /// A decoder of one page.
  package init(kind: ObjectKind, format: APIFormat) {
    self.kind = kind
    self.format = format
    splitter = format == .json ? JSONListSplitter() : ProtobufListSplitter()
  }

  /// The objects that end in these octets. After a problem, the page is of no use.
  package mutating func feed(_ octets: [UInt8]) throws(APIDecodingProblem) -> [APIObject] {
    var objects: [APIObject] = []
    for part in try splitter.feed(octets) {
      switch part {
      case .head(let octets): head = APIListEnd(octets, format: format)
      case .item(let octets): objects.append(APIObject(octets, kind: kind, format: format))
      case .oversized: objects.append(APIObject(unreadable: Self.tooLarge, kind: kind))
      }
    }
    return objects
  }

  /// The page's end, once all octets have come.
  package func finish() throws(APIDecodingProblem) -> APIListEnd {
    guard splitter.isWhole else { throw APIDecodingProblem(message: "the list is cut short") }
    guard let head, !head.version.isEmpty else {
      throw APIDecodingProblem(message: "the list has no resourceVersion")
    }
    return head
  }

  /// The problem of an object above `APIFormat.objectOctetCountMax`.
  static let tooLarge = "the object is larger than \(APIFormat.objectOctetCountMax >> 20) MiB"
}

extension APIListEnd {
  /// Reads a list's `metadata`; `nil` when it is none.
  init?(_ octets: ArraySlice<UInt8>, format: APIFormat) {
    switch format {
    case .json:
      guard let value = try? JSONDocument.read(octets, keeping: APIFields.self) else { return nil }
      guard case .text(let version) = value["resourceVersion"] else { return nil }
      var token = ""
      if case .text(let text) = value["continue"] { token = text }
      self.init(version: version, continueToken: token)
    case .protobuf:
      guard let end = MessageTrees.listHead(octets) else { return nil }
      self = end
    }
  }
}

extension APIObject {
  /// Reads one object; one with a problem when it is none.
  init(_ octets: ArraySlice<UInt8>, kind: ObjectKind, format: APIFormat) {
    switch format {
    case .json:
      do throws(ManifestFormatProblem) {
        self.init(try JSONDocument.read(octets, keeping: APIFields.self), kind: kind)
      } catch {
        self.init(unreadable: error.message, kind: kind)
      }
    case .protobuf:
      if kind == .endpointSlice, let slice = SliceShortcut.read(octets) {
        self = slice
      } else if let value = MessageTrees.read(octets, kind: kind) {
        self.init(value, kind: kind)
      } else {
        self.init(unreadable: "the object is not well-formed protobuf", kind: kind)
      }
    }
  }
}
