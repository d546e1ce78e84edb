/// Takes a list in Kubernetes protobuf apart while it arrives: the envelope, and in it the list
/// with its head (field 1) and items (field 2).
struct ProtobufListSplitter: ListSplitting {
  private enum Place {
    case magic
    case envelope
    /// Inside the list, with so many octets to go.
    case list(UInt64)
  }

  private struct Lead {
    let number: UInt64
    let wireType: UInt64
    /// The length of a length-delimited field, else of the value.
    let octetCount: UInt64
    /// The octets of tag and length.
    let leadOctetCount: Int
  }

  private var buffer: [UInt8] = []
  /// The octets of `buffer` that are done with.
  private var start = 0
  private var place = Place.magic
  private var skipCount: UInt64 = 0
  private var hasList = false

  var isWhole: Bool {
    guard hasList, case .envelope = place else { return false }
    return skipCount == 0 && start == buffer.count
  }

  mutating func feed(_ octets: [UInt8]) throws(APIDecodingProblem) -> [ListPart] {
    buffer += octets
    var parts: [ListPart] = []
    do throws(ProtobufReader.Malformed) {
      while try step(&parts) {}
    } catch {
      throw APIDecodingProblem(message: "the list is not well-formed protobuf")
    }
    buffer.removeFirst(start)
    start = 0
    return parts
  }

  private var rest: ArraySlice<UInt8> { buffer[start...] }

  /// Does one step; `false` when more octets are needed.
  private mutating func step(_ parts: inout [ListPart]) throws(ProtobufReader.Malformed) -> Bool {
    if skipCount > 0 {
      let count = Int(min(skipCount, UInt64(rest.count)))
      start += count
      skipCount -= UInt64(count)
      return skipCount == 0
    }
    switch place {
    case .magic:
      guard rest.count >= ProtobufEnvelope.magic.count else { return false }
      guard rest.starts(with: ProtobufEnvelope.magic) else { throw ProtobufReader.Malformed() }
      start += ProtobufEnvelope.magic.count
      place = .envelope
      return true
    case .envelope:
      guard let lead = try lead() else { return false }
      start += lead.leadOctetCount
      if lead.number == ProtobufEnvelope.objectField, lead.wireType == 2 {
        guard !hasList else { throw ProtobufReader.Malformed() }
        hasList = true
        place = .list(lead.octetCount)
      } else {
        skipCount = lead.octetCount
      }
      return true
    case .list(0):
      place = .envelope
      return true
    case .list(let listCount): return try listField(listCount, &parts)
    }
  }

  private mutating func listField(
    _ listCount: UInt64, _ parts: inout [ListPart]
  ) throws(ProtobufReader.Malformed) -> Bool {
    guard let lead = try lead() else { return false }
    let (afterLead, isShort) = listCount.subtractingReportingOverflow(UInt64(lead.leadOctetCount))
    guard !isShort, lead.octetCount <= afterLead else { throw ProtobufReader.Malformed() }
    let isPart = lead.wireType == 2 && (lead.number == 1 || lead.number == 2)
    if isPart, lead.octetCount <= UInt64(APIFormat.objectOctetCountMax) {
      let octetCount = Int(lead.octetCount)
      guard rest.count >= lead.leadOctetCount + octetCount else { return false }
      let octets = rest.dropFirst(lead.leadOctetCount).prefix(octetCount)
      parts.append(lead.number == 1 ? .head(octets) : .item(octets))
      start += lead.leadOctetCount + octetCount
    } else {
      if isPart { parts.append(.oversized) }
      start += lead.leadOctetCount
      skipCount = lead.octetCount
    }
    place = .list(afterLead - lead.octetCount)
    return true
  }

  /// The tag and length at `start`; `nil` when they are not there as a whole.
  private func lead() throws(ProtobufReader.Malformed) -> Lead? {
    guard let tag = try ProtobufReader.varint(rest) else { return nil }
    var octetCount: UInt64
    var leadOctetCount = tag.octetCount
    switch tag.value & 7 {
    case 0:
      guard let value = try ProtobufReader.varint(rest.dropFirst(tag.octetCount)) else {
        return nil
      }
      octetCount = UInt64(value.octetCount)
    case 1: octetCount = 8
    case 2:
      guard let length = try ProtobufReader.varint(rest.dropFirst(tag.octetCount)) else {
        return nil
      }
      octetCount = length.value
      leadOctetCount += length.octetCount
    case 5: octetCount = 4
    default: throw ProtobufReader.Malformed()
    }
    return Lead(
      number: tag.value >> 3, wireType: tag.value & 7, octetCount: octetCount,
      leadOctetCount: leadOctetCount)
  }
}
