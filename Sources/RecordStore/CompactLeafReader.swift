import DNSWire

/// A compact leaf in an arena; see `CompactLeafLayout`.
struct CompactLeafReader {
  let view: ArenaView
  let offset: Int

  private var marks: UInt8 { view.load8(offset &+ 1) }
  private var count: Int { Int(view.load8(offset)) }
  private var hasAddressLabel: Bool { marks & CompactLeafLayout.addressLabelMark != 0 }

  /// Whether the leaf is a pointer; an endpoint otherwise.
  var isPointer: Bool { marks & CompactLeafLayout.pointerMark != 0 }
  /// SRV records of an endpoint.
  var entryCount: Int { isPointer ? 0 : count }
  var ttl: UInt32 { UInt32(view.load16(offset &+ 2)) }
  var stem: UInt32 { view.load32(offset &+ 4) }
  var entriesOffset: Int { offset &+ CompactLeafLayout.entriesOffset }
  private var labelOffset: Int { entriesOffset &+ 4 &* entryCount }
  /// The four octets of the address, as a number in network order.
  private var address: UInt32 { view.load32(offset &+ 8).byteSwapped }
  private var stemName: StemReader { StemReader(view: view, reference: stem) }

  private var addressLabel: AddressText {
    AddressText(label: isPointer ? address.byteSwapped : address)
  }

  var octetCount: Int {
    let end = labelOffset &- offset
    return hasAddressLabel ? end : end &+ 1 &+ Int(view.load8(labelOffset))
  }

  /// Octets of the endpoint's name relative to its zone.
  var targetLength: Int {
    let label = hasAddressLabel ? addressLabel.count : 1 &+ Int(view.load8(labelOffset))
    return label &+ stemName.length
  }

  /// The endpoint's name relative to its zone: the owner of an endpoint, the target of a pointer.
  var target: [UInt8] {
    let label =
      hasAddressLabel
      ? addressLabel.array
      : view.octets(at: labelOffset, length: 1 &+ Int(view.load8(labelOffset)))
    return label + view.octets(at: stemName.offset, length: stemName.length)
  }

  /// The owner's name relative to its zone.
  var name: [UInt8] {
    isPointer ? AddressText(labels: address, labelCount: count).array : target
  }

  /// Whether the owner's name is `name`; allocates nothing.
  func isNamed(_ name: borrowing Span<UInt8>) -> Bool {
    if isPointer {
      let text = AddressText(labels: address, labelCount: count)
      return text.count == name.count && text.matches(name, at: 0)
    }
    let stem = stemName
    let labelLength = name.count &- stem.length
    guard labelLength > 0 else { return false }
    if hasAddressLabel {
      let text = addressLabel
      guard text.count == labelLength, text.matches(name, at: 0) else { return false }
    } else {
      guard 1 &+ Int(view.load8(labelOffset)) == labelLength,
        view.equals(name.extracting(0..<labelLength), at: labelOffset)
      else { return false }
    }
    return view.equals(name.extracting(labelLength..<name.count), at: stem.offset)
  }

  /// The sets as values, PTR targets absolute; allocates.
  func sets() -> [RRset] {
    if isPointer {
      return [.single(.ptr, ttl: ttl, data: target + OriginReader(view: view).octets)]
    }
    let address = IPAddress(v4: address)
    let first = RRset(type: .a, ttl: ttl, data: .addresses([address]))
    if entryCount == 0 { return [first] }
    let entries = (0..<entryCount).map { index in
      ServiceTarget.Entry(
        weight: view.load16(entriesOffset + index * 4),
        port: view.load16(entriesOffset + index * 4 + 2))
    }
    let target = ServiceTarget(name: target, entries: entries, addresses: [address])
    return [first, RRset(type: .srv, ttl: ttl, data: .targets([target]))]
  }

  // MARK: - Replies

  /// Writes the endpoint's name without its zone.
  func appendTarget(to reply: inout ReplyWriter) {
    if hasAddressLabel {
      let text = addressLabel
      for index in 0..<text.count { reply.append8(text.octets[index]) }
    } else {
      view.append(at: labelOffset, length: 1 &+ Int(view.load8(labelOffset)), to: &reply)
    }
    view.append(at: stemName.offset, length: stemName.length, to: &reply)
  }

  /// Writes a pointer's record.
  func appendPointer(to reply: inout ReplyWriter, _ owner: Int) {
    let origin = OriginReader(view: view)
    reply.beginRecord()
    reply.appendPointerOwned(owner, .ptr, ttl: ttl, dataLength: targetLength &+ origin.length)
    appendTarget(to: &reply)
    view.append(at: origin.offset, length: origin.length, to: &reply)
    _ = reply.endRecord(.answer)
  }
}

/// Zone 0's absolute name, which pointers of all zones lead into: `u8 octets, octets` in the first
/// block of the arena.
struct OriginReader {
  let view: ArenaView

  static let reference: UInt32 = 1
  var length: Int { Int(view.load8(Arena.unitOctetCount)) }
  var offset: Int { Arena.unitOctetCount &+ 1 }
  var octets: [UInt8] { view.octets(at: offset, length: length) }
}
