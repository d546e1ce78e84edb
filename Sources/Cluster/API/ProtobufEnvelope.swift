import SwiftProtobuf

/// What Kubernetes puts around every protobuf object: four octets and a message with the object in
/// it (runtime.Unknown).
enum ProtobufEnvelope {
  /// `k8s\0`.
  static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]
  /// The field of the envelope with the object.
  static let objectField: UInt64 = 2

  /// How objects are read: what DNS does not need is not kept.
  static var options: BinaryDecodingOptions {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    return options
  }

  /// The octets of the object in an envelope; empty when the envelope is.
  static func object(
    _ octets: ArraySlice<UInt8>
  ) throws(ProtobufReader.Malformed) -> ArraySlice<UInt8> {
    guard octets.starts(with: magic) else { throw ProtobufReader.Malformed() }
    return try ProtobufReader.octets(of: objectField, in: octets.dropFirst(magic.count)) ?? []
  }
}
