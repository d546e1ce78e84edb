import Cluster
import TestSupport

/// Writes protobuf field by field, knowing nothing of the messages that read it.
struct ProtobufText {
  private(set) var octets: [UInt8] = []

  static func message(_ fill: (inout ProtobufText) -> Void) -> [UInt8] {
    var text = ProtobufText()
    fill(&text)
    return text.octets
  }

  mutating func number(_ field: UInt64, _ value: Int64) {
    varint(field << 3)
    varint(UInt64(bitPattern: value))
  }

  mutating func bytes(_ field: UInt64, _ value: [UInt8]) {
    varint(field << 3 | 2)
    varint(UInt64(value.count))
    octets += value
  }

  mutating func text(_ field: UInt64, _ value: String) { bytes(field, Array(value.utf8)) }

  mutating func message(_ field: UInt64, _ fill: (inout ProtobufText) -> Void) {
    bytes(field, Self.message(fill))
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      octets.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    octets.append(UInt8(rest))
  }

  /// The four octets and the envelope around an object.
  static func envelope(_ apiVersion: String, _ kind: String, _ object: [UInt8]) -> [UInt8] {
    Array("k8s\0".utf8)
      + message {
        $0.message(1) {
          $0.text(1, apiVersion)
          $0.text(2, kind)
        }
        $0.bytes(2, object)
        $0.text(3, "")
        $0.text(4, "")
      }
  }
}

/// A raw object in both notations, with fields that DNS does not read among those it does. The
/// values need not be good ones.
struct RawObject: Sendable {
  let kind: ObjectKind
  let json: String
  let protobuf: [UInt8]

  var apiVersion: String { kind == .endpointSlice ? "discovery.k8s.io/v1" : "v1" }

  /// `kind`s of lists and objects of lists carry no kind of their own.
  static func list(
    _ objects: [RawObject], kind: ObjectKind, version: String, token: String, _ format: APIFormat
  ) -> [UInt8] {
    switch format {
    case .json:
      let items = objects.map(\.json).joined(separator: ",")
      return Array(
        """
        {"kind":"\(kind.label)List","apiVersion":"v1","metadata":{"resourceVersion":"\(version)",\
        "continue":"\(token)","remainingItemCount":7},"items":[\(items)]}

        """.utf8)
    case .protobuf:
      let list = ProtobufText.message { text in
        text.message(1) {
          $0.text(1, "")
          $0.text(2, version)
          $0.text(3, token)
          $0.number(4, 7)
        }
        for object in objects { text.bytes(2, object.protobuf) }
      }
      return ProtobufText.envelope("v1", "\(kind.label)List", list)
    }
  }

  /// One event of a watch.
  func event(_ type: String, _ format: APIFormat) -> [UInt8] {
    switch format {
    case .json: Array("{\"type\":\"\(type)\",\"object\":\(json)}\n".utf8)
    case .protobuf:
      Self.frame(type, ProtobufText.envelope(apiVersion, kind.label, protobuf))
    }
  }

  /// One frame of a protobuf watch.
  static func frame(_ type: String, _ raw: [UInt8]) -> [UInt8] {
    let frame = ProtobufText.message {
      $0.text(1, type)
      $0.message(2) { $0.bytes(1, raw) }
    }
    return (0..<4).reversed().map { UInt8(truncatingIfNeeded: frame.count >> ($0 * 8)) } + frame
  }
}
