import DNSWire

/// Where names of a reply stand that answers point to or copy.
package struct ReplyNames {
  /// The offset of the owner of the records being written; 12 is the question's name.
  package var owner: Int
  /// The offset of the zone's name, uncompressed, in the question: copied into SRV targets with the
  /// client's own case.
  package var zone: Int
  /// Octets of the zone's name, root included.
  package var zoneLength: Int

  /// Offsets into one reply.
  package init(owner: Int, zone: Int, zoneLength: Int) {
    self.owner = owner
    self.zone = zone
    self.zoneLength = zoneLength
  }
}

extension RRsetReader {
  /// Writes the set's records to the answer section, and what belongs to them to the additional
  /// section. Stops at the first record that does not fit, which sets TC. `rotation` chooses the
  /// record that addresses start with, uniformly (`loadbalance`); 0 keeps the order.
  package func append(to reply: inout ReplyWriter, names: ReplyNames, rotation: UInt32) {
    switch type {
    case .a: appendAddresses(to: &reply, names.owner, size: 4, rotation)
    case .aaaa: appendAddresses(to: &reply, names.owner, size: 16, rotation)
    case .srv where isCompact: appendOwnServices(to: &reply, names)
    case .ptr where isCompact: compact.appendPointer(to: &reply, names.owner)
    case .srv, .ns: appendServices(to: &reply, names)
    default: appendWhole(to: &reply, names.owner, rotation: type == .mx ? rotation : 0)
    }
  }

  private func appendAddresses(
    to reply: inout ReplyWriter, _ owner: Int, size: Int, _ rotation: UInt32
  ) {
    let (count, ttl, type, start) = (count, ttl, type, contentOffset)
    var index = Self.start(rotation, count)
    for _ in 0..<count {
      reply.beginRecord()
      reply.appendPointerOwned(owner, type, ttl: ttl, dataLength: size)
      view.append(at: start &+ index &* size, length: size, to: &reply)
      guard reply.endRecord(.answer) else { return }
      index &+= 1
      if index == count { index = 0 }
    }
  }

  /// `rotation` scaled to 0 ..< `count` without division.
  private static func start(_ rotation: UInt32, _ count: Int) -> Int {
    Int((UInt64(rotation) &* UInt64(truncatingIfNeeded: count)) >> 32)
  }

  private func appendWhole(to reply: inout ReplyWriter, _ owner: Int, rotation: UInt32) {
    let first = Self.start(rotation, count)
    for pass in 0..<2 {
      var offset = contentOffset
      for index in 0..<count {
        let length = Int(view.load16(offset))
        if (index >= first) == (pass == 0) {
          reply.beginRecord()
          reply.appendPointerOwned(owner, type, ttl: ttl, dataLength: length)
          view.append(at: offset &+ 2, length: length, to: &reply)
          guard reply.endRecord(.answer) else { return }
        }
        offset &+= 2 &+ length
      }
      if first == 0 { return }
    }
  }

  /// SRV records with their targets written out (RFC 2782 forbids compression there), then the
  /// targets' addresses, whose owners point to where the targets stand. NS records are the same
  /// without the three numbers before the target.
  private func appendServices(to reply: inout ReplyWriter, _ names: ReplyNames) {
    let answerStart = reply.count
    let contentEnd = contentOffset &+ length
    var offset = contentOffset
    while offset < contentEnd {
      let target = target(at: offset)
      for index in 0..<target.entryCount {
        guard appendService(to: &reply, target, index, names) else { return }
      }
      offset &+= target.octetCount
    }
    let front = type == .srv ? 18 : 12
    var nameOffset = answerStart &+ front
    offset = contentOffset
    while offset < contentEnd {
      let target = target(at: offset)
      let nameLength = target.nameLength &+ names.zoneLength
      guard appendAddresses(of: target, to: &reply, nameOffset, nameLength) else { return }
      nameOffset &+= target.entryCount &* (front &+ nameLength)
      offset &+= target.octetCount
    }
  }

  private func appendService(
    to reply: inout ReplyWriter, _ target: TargetReader, _ index: Int, _ names: ReplyNames
  ) -> Bool {
    let entry = target.entriesOffset &+ index &* 4
    let numbers = type == .srv ? 6 : 0
    reply.beginRecord()
    reply.appendPointerOwned(
      names.owner, type, ttl: ttl, dataLength: numbers &+ target.nameLength &+ names.zoneLength)
    if numbers > 0 {
      reply.append16(0)
      reply.append16(view.load16(entry))
      reply.append16(view.load16(entry &+ 2))
    }
    view.append(at: target.frontOffset, length: target.frontLength, to: &reply)
    view.append(at: target.tailOffset, length: target.tailLength, to: &reply)
    reply.appendCopy(ofReplyAt: names.zone, length: names.zoneLength)
    return reply.endRecord(.answer)
  }

  /// The SRV records of an endpoint, which lead to itself, and its address.
  private func appendOwnServices(to reply: inout ReplyWriter, _ names: ReplyNames) {
    let leaf = compact
    let nameOffset = reply.count &+ 18
    let nameLength = leaf.targetLength &+ names.zoneLength
    for index in 0..<count {
      reply.beginRecord()
      reply.appendPointerOwned(names.owner, .srv, ttl: ttl, dataLength: 6 &+ nameLength)
      reply.append16(0)
      reply.append16(view.load16(contentOffset &+ index &* 4))
      reply.append16(view.load16(contentOffset &+ index &* 4 &+ 2))
      leaf.appendTarget(to: &reply)
      reply.appendCopy(ofReplyAt: names.zone, length: names.zoneLength)
      guard reply.endRecord(.answer) else { return }
    }
    let address = leaf.offset &+ CompactLeafLayout.addressOffset
    _ = appendAddress(at: address, .a, to: &reply, nameOffset, nameLength)
  }

  private func appendAddresses(
    of target: TargetReader, to reply: inout ReplyWriter, _ nameOffset: Int, _ nameLength: Int
  ) -> Bool {
    let total = target.v4Count &+ target.v6Count
    for index in 0..<total {
      let isV4 = index < target.v4Count
      let source =
        isV4
        ? target.v4Offset &+ index &* 4 : target.v6Offset &+ (index &- target.v4Count) &* 16
      guard
        appendAddress(at: source, isV4 ? .a : .aaaa, to: &reply, nameOffset, nameLength)
      else { return false }
    }
    return true
  }

  /// One address in the additional section, owned by a name of the reply.
  private func appendAddress(
    at source: Int, _ type: RRType, to reply: inout ReplyWriter, _ nameOffset: Int,
    _ nameLength: Int
  ) -> Bool {
    let size = type == .a ? 4 : 16
    reply.beginRecord()
    if nameOffset <= WireLimits.pointerOffsetMax {
      reply.appendPointerOwned(nameOffset, type, ttl: ttl, dataLength: size)
    } else {
      reply.appendCopy(ofReplyAt: nameOffset, length: nameLength)
      reply.append16(type.rawValue)
      reply.append16(RRClass.internet.rawValue)
      reply.append32(ttl)
      reply.append16(UInt16(truncatingIfNeeded: size))
    }
    view.append(at: source, length: size, to: &reply)
    return reply.endRecord(.additional)
  }
}
