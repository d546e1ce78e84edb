import DNSWire

/// Two leaves that a cluster has by the hundred thousand, in a form of their own: an endpoint (one
/// IPv4 address, and SRV records that lead to itself) and a pointer (one PTR record of an IPv4
/// address, into zone 0). Anything else is a general leaf (`LeafLayout`).
///
///     0   u8   endpoint: SRV records; pointer: labels of the owner's name, 1...4
///     1   u8   marks: 0x80, 1 = pointer, 2 = the label is the address's (`10-0-0-1`)
///     2   u16  TTL
///     4   u32  the stem: what follows the label in the endpoint's name (`StemTable`)
///     8   the address; in a pointer the numbers that the owner's labels are, 4 octets with zeros
///     12  endpoint: for each SRV record u16 weight, u16 port
///     then the label with its length octet, unless it is the address's
///
/// A pointer's owner is its numbers as labels; its target is label, stem and zone 0's name.
enum CompactLeafLayout {
  static let compactMark: UInt8 = 0x80
  static let pointerMark: UInt8 = 1
  static let addressLabelMark: UInt8 = 2
  static let addressOffset = 8
  static let entriesOffset = 12
}

/// The numbers of an IPv4 address as octets of text; no allocation.
struct AddressText {
  private(set) var octets = InlineArray<20, UInt8>(repeating: 0)
  private(set) var count = 0

  /// The label `10-0-0-1` with its length octet.
  init(label address: UInt32) {
    count = 1
    for index in 0..<4 {
      if index > 0 { append(UInt8(ascii: "-")) }
      append(number: UInt8(truncatingIfNeeded: address >> UInt32(24 - 8 * index)))
    }
    octets[0] = UInt8(truncatingIfNeeded: count - 1)
  }

  /// The first `labelCount` (4 at most) octets of `numbers` as labels.
  init(labels numbers: UInt32, labelCount: Int) {
    for index in 0..<min(labelCount, 4) {
      let start = count
      append(0)
      append(number: UInt8(truncatingIfNeeded: numbers >> UInt32(24 - 8 * index)))
      octets[start] = UInt8(truncatingIfNeeded: count - start - 1)
    }
  }

  private mutating func append(_ octet: UInt8) {
    guard count < 20 else { return }
    octets[count] = octet
    count += 1
  }

  private mutating func append(number: UInt8) {
    if number >= 100 { append(48 + number / 100) }
    if number >= 10 { append(48 + number / 10 % 10) }
    append(48 + number % 10)
  }

  /// Whether the text is what stands in `name` at `start`.
  func matches(_ name: borrowing Span<UInt8>, at start: Int) -> Bool {
    guard start >= 0, start <= name.count - count else { return false }
    for index in 0..<count where name[start + index] != octets[index] { return false }
    return true
  }

  /// The octets as an array.
  var array: [UInt8] { (0..<count).map { octets[$0] } }
}

/// What a compact leaf is made of, before it has a place.
struct CompactLeaf {
  private let count: UInt8
  private let marks: UInt8
  private let ttl: UInt16
  private let address: UInt32
  private let entries: [ServiceTarget.Entry]
  private let label: [UInt8]
  /// The name behind the label; its place in the arena is part of the leaf.
  let stem: [UInt8]

  /// `nil` when the name and its sets need a general leaf. `origin` is zone 0's name.
  init?(name: [UInt8], sets: [RRset], origin: [UInt8]) {
    guard let first = sets.first, sets.count <= 2, let ttl = UInt16(exactly: first.ttl) else {
      return nil
    }
    self.ttl = ttl
    switch (first.type, first.data) {
    case (.a, .addresses(let list)):
      guard list.count == 1, list[0].family == .v4, let length = name.first,
        Int(length) < name.count
      else { return nil }
      address = list[0].v4Value
      stem = Array(name[(Int(length) + 1)...])
      guard let entries = Self.entries(sets.dropFirst().first, name, list[0], ttl) else {
        return nil
      }
      self.entries = entries
      count = UInt8(truncatingIfNeeded: entries.count)
      let isAddress = Self.isLabel(AddressText(label: address), name, Int(length))
      label = isAddress ? [] : Array(name[...Int(length)])
      marks =
        CompactLeafLayout.compactMark | (isAddress ? CompactLeafLayout.addressLabelMark : 0)
    case (.ptr, .whole(let list, 1)):
      guard list.count == 1, sets.count == 1, let numbers = Self.numbers(name),
        let target = Self.relative(list[0], to: origin), let length = target.first,
        Int(length) < target.count
      else { return nil }
      (address, count) = numbers
      entries = []
      stem = Array(target[(Int(length) + 1)...])
      let isAddress =
        count == 4
        && Self.isLabel(AddressText(label: address.byteSwapped), Array(target), Int(length))
      label = isAddress ? [] : Array(target[...Int(length)])
      marks =
        CompactLeafLayout.compactMark | CompactLeafLayout.pointerMark
        | (isAddress ? CompactLeafLayout.addressLabelMark : 0)
    default: return nil
    }
  }

  /// Whether the first label of `name`, of `length` octets, is `text`.
  private static func isLabel(_ text: AddressText, _ name: [UInt8], _ length: Int) -> Bool {
    text.count == length + 1 && text.matches(name.span, at: 0)
  }

  /// The entries of an endpoint's SRV set, none without one; `nil` when it leads elsewhere.
  private static func entries(
    _ set: RRset?, _ name: [UInt8], _ address: IPAddress, _ ttl: UInt16
  ) -> [ServiceTarget.Entry]? {
    guard let set else { return [] }
    guard set.type == .srv, set.ttl == UInt32(ttl), case .targets(let targets) = set.data,
      targets.count == 1, targets[0].name == name, targets[0].addresses.count == 1,
      targets[0].addresses[0] == address, (1...255).contains(targets[0].entries.count)
    else { return nil }
    return targets[0].entries
  }

  /// The numbers that one to four labels are; `nil` when one is none.
  private static func numbers(_ name: [UInt8]) -> (UInt32, UInt8)? {
    var numbers: UInt32 = 0
    var count: UInt8 = 0
    var index = 0
    while index < name.count {
      let end = index + 1 + Int(name[index])
      guard count < 4, end <= name.count, end - index > 1, end - index <= 4 else { return nil }
      var number: UInt32 = 0
      for digit in name[(index + 1)..<end] {
        guard (48...57).contains(digit) else { return nil }
        number = number * 10 + UInt32(digit - 48)
      }
      guard number <= 255 else { return nil }
      numbers |= number << UInt32(24 - 8 * count)
      count += 1
      index = end
    }
    // Leading zeros would not come back.
    let text = AddressText(labels: numbers, labelCount: Int(count))
    return count > 0 && text.count == name.count ? (numbers, count) : nil
  }

  private static func relative(_ target: [UInt8], to origin: [UInt8]) -> ArraySlice<UInt8>? {
    let length = target.count - origin.count
    guard length > 0, target[length...].elementsEqual(origin) else { return nil }
    return target[..<length]
  }

  /// The leaf's octets, with the place of its stem.
  func octets(stem: UInt32) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(CompactLeafLayout.entriesOffset + 4 * entries.count + label.count)
    octets.append(count)
    octets.append(marks)
    Self.append(ttl, &octets)
    Self.append(UInt16(truncatingIfNeeded: stem), &octets)
    Self.append(UInt16(truncatingIfNeeded: stem >> 16), &octets)
    for shift in [24, 16, 8, 0] as [UInt32] {
      octets.append(UInt8(truncatingIfNeeded: address >> shift))
    }
    for entry in entries {
      Self.append(entry.weight, &octets)
      Self.append(entry.port, &octets)
    }
    octets += label
    return octets
  }

  private static func append(_ value: UInt16, _ octets: inout [UInt8]) {
    octets.append(UInt8(truncatingIfNeeded: value))
    octets.append(UInt8(truncatingIfNeeded: value >> 8))
  }
}
