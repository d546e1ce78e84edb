/// Messages on a stream, each behind its length in two octets (RFC 1035 §4.2.2, RFC 7766 §8):
/// octets in, messages out.
struct StreamFraming {
  /// Input buffers up to this size are kept for the next message.
  private static let keptOctetCountMax = 16_384

  /// Octets received; those before `start` are done with.
  private(set) var input: [UInt8] = []
  private var start = 0

  /// Takes octets as they come, in pieces of any size.
  mutating func append(_ octets: some Collection<UInt8>) {
    input += octets
  }

  /// The next whole message, as a range of `input`; `nil` when there is none yet. Empty messages
  /// are passed over.
  mutating func nextMessage() -> Range<Int>? {
    while input.count - start >= 2 {
      let length = Int(input[start]) << 8 | Int(input[start + 1])
      guard input.count - start - 2 >= length else { return nil }
      let message = (start + 2)..<(start + 2 + length)
      start = message.upperBound
      if length > 0 { return message }
    }
    return nil
  }

  /// Forgets what is done with, after a round of messages: what stays is less than one message.
  mutating func compact() {
    if start == input.count {
      input.removeAll(keepingCapacity: input.capacity <= Self.keptOctetCountMax)
    } else if start > 0 {
      input.removeFirst(start)
    }
    start = 0
  }

  /// The message with its length in front; `nil` when it is longer than a length can say.
  static func framed(_ message: [UInt8]) -> [UInt8]? {
    guard let length = UInt16(exactly: message.count) else { return nil }
    var octets: [UInt8] = []
    octets.reserveCapacity(message.count + 2)
    octets.append(UInt8(truncatingIfNeeded: length >> 8))
    octets.append(UInt8(truncatingIfNeeded: length))
    octets += message
    return octets
  }
}
