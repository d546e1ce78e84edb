/// What a walk over a name in a message found.
enum NameWalk: Equatable {
  /// A whole name; the offset after it, where it stands in the message.
  case end(Int)
  /// The octets end inside of the name, before any pointer of it.
  case cut
  /// Nothing that could be a name.
  case malformed
}

/// How far pointers may be followed in one message.
///
/// A name costs a record two octets and a reader up to 254 steps. The longest names there are (34
/// labels below ip6.arpa, in records of 14 octets or more) take less than three steps an octet, so
/// more is only made to be expensive (RFC 9267 §2, CVE-2024-8508 class).
struct PointerBudget {
  /// Steps for each octet of the message.
  static let stepCountPerOctet = 4
  /// Steps for any message.
  static let stepCountMin = 4_096

  /// Labels and pointers behind pointers that may still be visited.
  var stepCount: Int

  /// The budget of a message of `octetCount` octets, at most 65,535.
  init(octetCount: Int) {
    stepCount = Self.stepCountMin &+ Self.stepCountPerOctet &* octetCount
  }
}

/// Walks the name at `start`, its pointers followed, without reading it. What stands there must end
/// before `limit`, the octets it points to anywhere in the message. A pointer must point behind the
/// header and before the run of labels that it ends, at most `pointerHopCountMax` are followed and
/// the whole name has at most 255 octets (RFC 9267 §2); what stands behind pointers is taken from
/// the budget.
func walkName(
  _ message: borrowing Span<UInt8>, at start: Int, before limit: Int,
  _ budget: inout PointerBudget
) -> NameWalk {
  guard start >= 0 else { return .malformed }
  var (index, runStart) = (start, start)
  var bound = min(limit, message.count)
  var end: Int?
  var octetCount = 0
  var hopCount = 0
  while index < bound {
    let octet = Int(message[index])
    if end != nil {
      budget.stepCount &-= 1
      guard budget.stepCount >= 0 else { return .malformed }
    }
    switch octet & 0xC0 {
    case 0x00:
      octetCount &+= 1 &+ octet
      guard octetCount <= WireLimits.nameOctetCountMax else { return .malformed }
      index &+= 1 &+ octet
      if octet == 0 { return .end(end ?? index) }
    case 0xC0:
      guard index &+ 1 < bound else { return end == nil ? .cut : .malformed }
      let target = Int(message.word16(index) & 0x3FFF)
      guard target >= WireLimits.headerOctetCount, target < runStart,
        hopCount < WireLimits.pointerHopCountMax
      else { return .malformed }
      if end == nil {
        end = index &+ 2
        bound = message.count
      }
      (index, runStart) = (target, target)
      hopCount &+= 1
    default:
      return .malformed
    }
  }
  return end == nil ? .cut : .malformed
}
