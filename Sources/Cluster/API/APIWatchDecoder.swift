/// One event of a watch.
package enum APIWatchEvent: Hashable, Sendable {
  /// ADDED or MODIFIED: the object as it is now.
  case set(APIObject)
  /// DELETED: the object as it was last.
  case deleted(APIObject)
  /// BOOKMARK: everything up to this version has been sent; `endsFirstEvents` when it is the one
  /// behind the objects that a watch begins with (`sendInitialEvents`).
  case bookmark(version: String, endsFirstEvents: Bool)
  /// ERROR, or an event that cannot be told (code 0): the watch is of no more use.
  case error(APIStatus)
  /// An object above `APIFormat.objectOctetCountMax`.
  case skipped(APIObjectProblem)
}

/// Reads a watch while it arrives. Holds one event at most.
package struct APIWatchDecoder: Sendable {
  private let kind: ObjectKind
  private let format: APIFormat
  private var buffer: [UInt8] = []
  /// Octets of an oversized frame that are still to come (protobuf).
  private var skipCount = 0
  /// Whether an oversized line is being passed over (JSON).
  private var isSkippingLine = false

  /// A decoder of one connection.
  package init(kind: ObjectKind, format: APIFormat) {
    self.kind = kind
    self.format = format
  }

  /// Whether the octets so far end with an event.
  package var isWhole: Bool { buffer.isEmpty && skipCount == 0 && !isSkippingLine }

  /// The events that end in these octets.
  package mutating func feed(_ octets: [UInt8]) -> [APIWatchEvent] {
    format == .json ? feedLines(octets) : feedFrames(octets)
  }

  private var tooLarge: APIWatchEvent {
    .skipped(
      APIObjectProblem(object: kind.label, field: nil, message: APIListDecoder.tooLarge))
  }

  // MARK: - JSON

  private mutating func feedLines(_ octets: [UInt8]) -> [APIWatchEvent] {
    var events: [APIWatchEvent] = []
    let lines = octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if !isSkippingLine {
        buffer += line
        if buffer.count > APIFormat.objectOctetCountMax {
          buffer = []
          isSkippingLine = true
        }
      }
      // Behind the last separator a line has only begun.
      guard index < lines.count - 1 else { break }
      if isSkippingLine {
        events.append(tooLarge)
      } else if buffer.contains(where: { $0 > 0x20 }) {
        events.append(jsonEvent(buffer[...]))
      }
      isSkippingLine = false
      buffer = []
    }
    return events
  }

  private func jsonEvent(_ octets: ArraySlice<UInt8>) -> APIWatchEvent {
    guard let value = try? JSONDocument.read(octets, keeping: APIFields.self),
      case .text(let type) = value["type"]
    else { return Self.garbage }
    let object = value["object"]
    switch type {
    case "ADDED", "MODIFIED": return .set(APIObject(object, kind: kind))
    case "DELETED": return .deleted(APIObject(object, kind: kind))
    case "BOOKMARK": return Self.bookmark(object)
    case "ERROR": return .error(APIStatus(object))
    default: return Self.garbage
    }
  }

  // MARK: - Protobuf

  private mutating func feedFrames(_ octets: [UInt8]) -> [APIWatchEvent] {
    buffer += octets
    var events: [APIWatchEvent] = []
    var rest = buffer[...]
    while !rest.isEmpty {
      if skipCount > 0 {
        let count = min(skipCount, rest.count)
        skipCount -= count
        rest = rest.dropFirst(count)
        continue
      }
      guard rest.count >= Self.lengthOctetCount else { break }
      let length = rest.prefix(Self.lengthOctetCount).reduce(0) { $0 << 8 | Int($1) }
      guard length <= APIFormat.objectOctetCountMax else {
        events.append(tooLarge)
        rest = rest.dropFirst(Self.lengthOctetCount)
        skipCount = length
        continue
      }
      guard rest.count >= Self.lengthOctetCount + length else { break }
      rest = rest.dropFirst(Self.lengthOctetCount)
      events.append(protobufEvent(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    if rest.count < buffer.count { buffer = Array(rest) }
    return events
  }

  private static let lengthOctetCount = 4

  /// The event of one frame (WatchEvent: type 1, object 2 with its octets in 1).
  private func protobufEvent(_ octets: ArraySlice<UInt8>) -> APIWatchEvent {
    guard let type = try? ProtobufReader.octets(of: 1, in: octets),
      let frameObject = try? ProtobufReader.octets(of: 2, in: octets),
      let raw = try? ProtobufReader.octets(of: 1, in: frameObject)
    else { return Self.garbage }
    if type.elementsEqual("ERROR".utf8) { return .error(APIStatus(raw, format: .protobuf)) }
    guard let object = try? ProtobufEnvelope.object(raw) else { return Self.garbage }
    switch String(decoding: type, as: UTF8.self) {
    case "ADDED", "MODIFIED": return .set(APIObject(object, kind: kind, format: .protobuf))
    case "DELETED": return .deleted(APIObject(object, kind: kind, format: .protobuf))
    case "BOOKMARK": return Self.bookmark(MessageTrees.metadataOnly(object) ?? .null)
    default: return Self.garbage
    }
  }

  // MARK: - Parts

  private static let garbage = APIWatchEvent.error(
    APIStatus(code: 0, message: "an event that cannot be read"))

  private static func bookmark(_ object: ManifestValue) -> APIWatchEvent {
    guard case .text(let version) = object["metadata"]["resourceVersion"] else { return garbage }
    let mark = object["metadata"]["annotations"][APIFields.endAnnotation]
    return .bookmark(version: version, endsFirstEvents: mark == .text("true"))
  }
}
