/// The OPT pseudo-record of a message (RFC 6891 section 6.1).
package struct EDNSFields: Equatable, Sendable {
  /// TYPE of OPT.
  package static let recordType: UInt16 = 41
  /// The sender's UDP payload size in octets.
  package let payloadSize: UInt16
  /// The upper eight bits of the response code.
  package let extendedResponseCode: UInt8
  /// VERSION.
  package let version: UInt8
  /// DO (RFC 3225).
  package let dnssecOK: Bool
  /// The fifteen flag bits that must be zero.
  package let reservedFlags: UInt16
  /// Option codes with their data, in order.
  package let options: [Option]

  /// One option.
  package struct Option: Equatable, Sendable {
    /// OPTION-CODE.
    package let code: UInt16
    /// OPTION-DATA.
    package let data: [UInt8]

    /// An option as a test expects it.
    package init(code: UInt16, data: [UInt8]) {
      self.code = code
      self.data = data
    }
  }

  init(
    _ reader: inout MessageReader, size: UInt16, ttl: UInt32, end: Int
  ) throws(ParsedMessage.Malformed) {
    payloadSize = size
    extendedResponseCode = UInt8(truncatingIfNeeded: ttl >> 24)
    version = UInt8(truncatingIfNeeded: ttl >> 16)
    dnssecOK = ttl & 0x8000 != 0
    reservedFlags = UInt16(truncatingIfNeeded: ttl & 0x7fff)
    var options: [Option] = []
    while reader.offset < end {
      guard end - reader.offset >= 4 else { throw reader.malformed("option is cut") }
      let code = try reader.word()
      let count = Int(try reader.word())
      guard count <= end - reader.offset else { throw reader.malformed("option overruns OPT") }
      options.append(Option(code: code, data: try reader.octets(count)))
    }
    self.options = options
  }
}
