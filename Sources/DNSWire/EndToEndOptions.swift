/// The options among those in `range` of a message that concern client and answerer, not the hop
/// between two neighbors; at most `endToEndOctetCountMax` octets of them, whole. Allocates only
/// when there are any.
///
/// Left out are NSID (RFC 5001 §2), ECS (answers are shared between clients, RFC 7871 §7.1.1),
/// COOKIE (RFC 7873), TCP keepalive (RFC 7828), padding (RFC 7830), and in queries also extended
/// errors (RFC 8914), which say something only in replies.
package func endToEndOptions(
  _ message: borrowing Span<UInt8>, _ range: Range<Int>, isReply: Bool
) -> [UInt8] {
  var result: [UInt8] = []
  var index = range.lowerBound
  let limit = min(range.upperBound, message.count)
  while let end = optionEnd(message, at: index, before: limit) {
    let code = message.word16(index)
    let isForNeighbor = [3, 8, 10, 11, 12].contains(code) || (code == 15 && !isReply)
    if !isForNeighbor, result.count &+ end &- index <= endToEndOctetCountMax {
      for offset in index..<end { result.append(message[offset]) }
    }
    index = end
  }
  return result
}

/// Octets of options that travel with one query or reply.
private let endToEndOctetCountMax = 512
