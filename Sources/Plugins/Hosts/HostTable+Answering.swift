import DNSWire
import PluginChain

extension HostTable {
  /// How many addresses of each family the name has whose last entry is `last`.
  func addressCounts(_ last: Int) -> (v4: Int, v6: Int) {
    var counts = (v4: 0, v6: 0)
    var index = last
    for _ in 0..<Self.addressCountMax {
      let entry = entries[index]
      if entry.address & 1 == 0 { counts.v4 &+= 1 } else { counts.v6 &+= 1 }
      index = Int(entry.nextOfName)
      if index == last { break }
    }
    return counts
  }

  /// Writes the `count` addresses of one family of the name whose last entry is `last`, owned by
  /// the question's name, in the order of the text from the one on that `rotation` chooses.
  func appendAddresses(
    _ last: Int, _ family: IPAddress.Family, count: Int, to reply: inout ReplyWriter,
    ttl: UInt32, rotation: UInt32
  ) {
    // Scaled without a division.
    let first = Int((UInt64(rotation) &* UInt64(truncatingIfNeeded: count)) >> 32)
    for pass in 0..<2 {
      var place = 0
      var index = last
      for _ in 0..<Self.addressCountMax {
        index = Int(entries[index].nextOfName)
        let entry = entries[index]
        if entry.address & 1 == (family == .v6 ? 1 : 0) {
          if (place < first) == (pass == 1) {
            guard append(address(entry.address), to: &reply, ttl: ttl) else { return }
          }
          place &+= 1
        }
        if index == last { break }
      }
      if first == 0 { return }
    }
  }

  private func append(
    _ address: IPAddress, to reply: inout ReplyWriter, ttl: UInt32
  ) -> Bool {
    reply.beginRecord()
    if address.family == .v4 {
      reply.appendQuestionOwned(.a, ttl: ttl, dataLength: 4)
      reply.append32(address.v4Value)
    } else {
      reply.appendQuestionOwned(.aaaa, ttl: ttl, dataLength: 16)
      reply.append32(UInt32(truncatingIfNeeded: address.high >> 32))
      reply.append32(UInt32(truncatingIfNeeded: address.high))
      reply.append32(UInt32(truncatingIfNeeded: address.low >> 32))
      reply.append32(UInt32(truncatingIfNeeded: address.low))
    }
    return reply.endRecord(.answer)
  }

  /// Writes PTR records for all names of the address whose last entry is `last`, as many as fit.
  func appendNames(_ last: Int, to reply: inout ReplyWriter, ttl: UInt32) {
    var index = last
    // Whatever the entries say, no reply has room for more.
    for _ in 0..<WireLimits.messageOctetCountMax {
      guard entries[index].nextOfAddress != Entry.unlinked else { return }
      index = Int(entries[index].nextOfAddress)
      let start = Int(entries[index].name)
      let length = Int(names[start])
      reply.beginRecord()
      reply.appendQuestionOwned(.ptr, ttl: ttl, dataLength: length &+ 1)
      reply.append(names.span.extracting((start &+ 1)..<(start &+ 1 &+ length)))
      reply.append8(0)
      guard reply.endRecord(.answer), index != last else { return }
    }
  }
}
