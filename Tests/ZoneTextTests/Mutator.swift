import TestSupport

/// Damages packets the way broken and hostile senders do.
struct Mutator {
  private var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  /// One of the packets, good ones if not said, with one to four mutations.
  mutating func next(from packets: [[UInt8]] = GoodPackets.all) -> [UInt8] {
    var packet = random.pick(packets, or: [])
    for _ in 0..<random.number(1...4) { mutate(&packet) }
    return packet
  }

  private mutating func place(_ packet: [UInt8]) -> Int { random.number(0...packet.count) }

  private mutating func mutate(_ packet: inout [UInt8]) {
    switch random.number(0...9) {
    case 0: flipBits(&packet)
    case 1: packet = Array(packet.prefix(place(packet)))
    case 2: splice(&packet)
    case 3: changeCount(&packet)
    case 4: insertPointer(&packet)
    case 5: lieAboutLength(&packet)
    case 6: overwrite(&packet)
    case 7: repeatPart(&packet)
    case 8: swapType(&packet)
    default: packet += random.octets(random.number(1...20))
    }
  }

  private mutating func flipBits(_ packet: inout [UInt8]) {
    for _ in 0..<random.number(1...6) {
      guard let index = packet.indices.randomElement(using: &random) else { return }
      packet[index] ^= 1 << UInt8(random.number(0...7))
    }
  }

  /// The front of one packet and the back of another.
  private mutating func splice(_ packet: inout [UInt8]) {
    let other = random.pick(GoodPackets.all, or: [])
    packet = Array(packet.prefix(place(packet)) + other.suffix(place(other)))
  }

  private mutating func changeCount(_ packet: inout [UInt8]) {
    guard packet.count >= 12 else { return }
    let index = 4 + 2 * random.number(0...3)
    let count = random.pick([0, 1, 2, 3, 40, 255, 256, 0x7FFF, 0xFFFF], or: 0)
    packet.replaceSubrange(index..<(index + 2), with: octets16(count))
  }

  /// A pointer anywhere: near, far, forward, to itself, past the end; inserted or written over.
  private mutating func insertPointer(_ packet: inout [UInt8]) {
    let index = place(packet)
    let target = random.pick(
      [0, 4, 11, 12, index, index - 1, index - 2, index + 2, packet.count, 0x3FFF, place(packet)],
      or: 0)
    let pointer = octets16(0xC000 | (max(0, target) & 0x3FFF))
    let end = random.oneIn(2) ? index : min(packet.count, index + 2)
    packet.replaceSubrange(index..<end, with: pointer)
  }

  /// A 16-bit number, as RDLENGTH or an option's length may be, moved a little or a lot.
  private mutating func lieAboutLength(_ packet: inout [UInt8]) {
    guard packet.count > 14 else { return }
    let index = random.number(12...(packet.count - 2))
    let old = Int(packet[index]) << 8 | Int(packet[index + 1])
    let new = random.pick([old + 1, old - 1, old + 4, 0, 0xFFFF, packet.count - index], or: 0)
    packet.replaceSubrange(index..<(index + 2), with: octets16(new & 0xFFFF))
  }

  /// Octets that mean something in names.
  private mutating func overwrite(_ packet: inout [UInt8]) {
    guard let index = packet.indices.randomElement(using: &random) else { return }
    packet[index] = random.pick([0, 1, 63, 64, 127, 128, 191, 192, 193, 255], or: 0)
  }

  private mutating func repeatPart(_ packet: inout [UInt8]) {
    let start = place(packet)
    let part = packet[start..<min(packet.count, start + random.number(1...60))]
    let copies = random.number(1...8)
    for _ in 0..<copies { packet.insert(contentsOf: part, at: start) }
  }

  /// Another TYPE where one may stand: before class IN.
  private mutating func swapType(_ packet: inout [UInt8]) {
    let places = packet.indices.dropFirst(14).filter { packet[$0] == 1 && packet[$0 - 1] == 0 }
    guard let index = places.randomElement(using: &random) else { return }
    let types = [0, 1, 2, 5, 6, 10, 15, 16, 28, 33, 41, 46, 47, 50, 64, 65, 250, 255, 257, 65_280]
    packet.replaceSubrange((index - 3)..<(index - 1), with: octets16(random.pick(types, or: 1)))
  }
}
