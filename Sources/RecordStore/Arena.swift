import DNSWire
import Glibc

/// One reserved stretch of address space that holds all nodes and leaves of a store.
///
/// Everything in it is named by a 32-bit reference in units of four octets, so a reference costs
/// half a pointer and none of Swift's reference counting. Pages become memory only when first
/// written. The writer allocates and frees; readers only load. This and `ReplyWriter` are the two
/// places where the answer path touches memory by address.
///
/// The argument for safety: `base` is mapped for the life of the arena, `octetCount` never changes,
/// and every access below checks its whole range against `octetCount`. A reference that is wrong
/// reads other octets of the arena or zeros, never memory outside. What readers may still reach is
/// not freed before they are done (`Quiescence`).
@safe
package final class Arena: @unchecked Sendable {
  /// Octets in one unit of allocation.
  package static let unitOctetCount = 4
  /// The default reservation: 8 GiB of address space, not of memory.
  package static let defaultOctetCount = 8 << 30

  /// The octets, for readers.
  package let view: ArenaView
  private let base: UnsafeMutableRawPointer

  /// Reserves address space; halves the wish down to 64 MiB where the system refuses (strict
  /// overcommit, `ulimit -v`). `nil` when even that is refused.
  package init?(octetCount wish: Int = Arena.defaultOctetCount) {
    var size = max(wish, 1 << 16)
    while true {
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
      let start = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0)
      if let start = unsafe start, unsafe start != MAP_FAILED {
        unsafe base = start
        view = unsafe ArenaView(base: start, octetCount: size)
        return
      }
      guard size > 64 << 20 else { return nil }
      size /= 2
    }
  }

  deinit {
    unsafe munmap(base, view.octetCount)
  }

  private func contains(_ offset: Int, _ length: Int) -> Bool {
    offset >= 0 && length >= 0 && offset <= view.octetCount &- length
  }

  /// Stores a 32-bit number at octet `offset`; ignored outside of the arena.
  func store32(_ value: UInt32, at offset: Int) {
    guard contains(offset, 4) else { return }
    // SAFETY: the four octets lie in the mapping.
    unsafe base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// Stores octets at `offset`; ignored where they do not fit.
  func store(_ octets: [UInt8], at offset: Int) {
    guard contains(offset, octets.count) else { return }
    unsafe octets.withUnsafeBytes { source in
      // SAFETY: the target range lies in the mapping; source is another object.
      if let start = source.baseAddress { unsafe memcpy(base + offset, start, source.count) }
    }
  }

  /// Copies `length` octets inside of the arena between two blocks that do not overlap.
  func copy(from source: Int, to target: Int, length: Int) {
    guard contains(source, length), contains(target, length) else { return }
    // SAFETY: both ranges lie in the mapping; memmove tolerates overlap.
    unsafe memmove(base + target, base + source, length)
  }
}

/// The octets of an arena as readers see them: a value without a reference count.
@safe @usableFromInline
package struct ArenaView: @unchecked Sendable {
  @usableFromInline let base: UnsafeRawPointer
  /// Octets mapped.
  @usableFromInline package let octetCount: Int

  @unsafe init(base: UnsafeRawPointer, octetCount: Int) {
    unsafe self.base = base
    self.octetCount = octetCount
  }

  /// The octet at `offset`; 0 outside.
  @inlinable package func load8(_ offset: Int) -> UInt8 {
    guard offset >= 0, offset < octetCount else { return 0 }
    // SAFETY: in the mapping.
    return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// The 16-bit number at `offset`, little-endian; 0 outside.
  @inlinable package func load16(_ offset: Int) -> UInt16 {
    guard offset >= 0, offset <= octetCount &- 2 else { return 0 }
    // SAFETY: in the mapping.
    return UInt16(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The 32-bit number at `offset`, little-endian; 0 outside.
  @inlinable package func load32(_ offset: Int) -> UInt32 {
    guard offset >= 0, offset <= octetCount &- 4 else { return 0 }
    // SAFETY: in the mapping.
    return UInt32(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// `length` octets at `offset` as an array; empty outside. Allocates: for the writer.
  package func octets(at offset: Int, length: Int) -> [UInt8] {
    guard offset >= 0, length >= 0, offset <= octetCount &- length else { return [] }
    // SAFETY: in the mapping.
    return unsafe [UInt8](UnsafeRawBufferPointer(start: base + offset, count: length))
  }

  /// Appends `length` octets at `offset` to a reply; nothing outside.
  @inlinable package func append(
    at offset: Int, length: Int, to reply: inout ReplyWriter
  ) {
    guard offset >= 0, length >= 0, offset <= octetCount &- length else { return }
    // SAFETY: the source range lies in the mapping.
    unsafe reply.append(from: base + offset, length: length)
  }

  /// Whether the octets at `offset` equal `name`.
  @inlinable package func equals(_ name: borrowing Span<UInt8>, at offset: Int) -> Bool {
    let length = name.count
    guard offset >= 0, offset <= octetCount &- length else { return false }
    return unsafe name.withUnsafeBufferPointer { other in
      guard let start = other.baseAddress else { return true }
      // SAFETY: both ranges are checked: the mapping above, the span by itself.
      return unsafe memcmp(base + offset, start, length) == 0
    }
  }

  /// The keyed hash of `length` octets at `offset`.
  func hash(at offset: Int, length: Int, key: UInt64) -> UInt64 {
    guard offset >= 0, length >= 0, offset <= octetCount &- length else { return 0 }
    // SAFETY: in the mapping.
    return unsafe NameHash.hash(base + offset, length, key: key)
  }
}

/// The keyed hash of names: 64 bits, multiply-and-fold over words of eight octets.
///
/// The key is random for each store, so that a client cannot choose names that collide; a full
/// collision is still correct, only slower.
@usableFromInline package enum NameHash {
  /// The hash of a span's octets.
  @inlinable package static func hash(_ octets: borrowing Span<UInt8>, key: UInt64) -> UInt64 {
    let length = octets.count
    return unsafe octets.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return fold(key, 0x8EBC_6AF0_9C88_C6E3) }
      return unsafe hash(UnsafeRawPointer(start), length, key: key)
    }
  }

  @inlinable static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  /// SAFETY: the caller vouches for `length` octets at `start`.
  @inlinable @unsafe
  static func hash(_ start: UnsafeRawPointer, _ length: Int, key: UInt64) -> UInt64 {
    var state = key ^ UInt64(truncatingIfNeeded: length) &* 0xA076_1D64_78BD_642F
    var index = 0
    while index &+ 8 <= length {
      let word = unsafe start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      state = fold(state ^ word, 0xE703_7ED1_A0B4_28DB)
      index &+= 8
    }
    var tail: UInt64 = 0
    while index < length {
      tail = tail << 8 | UInt64(unsafe start.load(fromByteOffset: index, as: UInt8.self))
      index &+= 1
    }
    return fold(state ^ tail, 0x8EBC_6AF0_9C88_C6E3)
  }
}
