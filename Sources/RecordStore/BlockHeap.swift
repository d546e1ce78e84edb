import DNSWire

/// Octets of any length, named by 32-bit references: what a writer keeps beside its records, at the
/// cost of the octets and four more. Not for readers: blocks are freed at once.
package struct BlockHeap: Sendable {
  private let arena: Arena
  private var allocator: Allocator
  private static let headerOctetCount = 4

  /// An empty heap; `nil` when no address space can be had.
  package init?() {
    guard let arena = Arena() else { return nil }
    self.arena = arena
    allocator = Allocator(arena: arena)
  }

  private func start(_ reference: UInt32) -> Int {
    Int(reference) * Arena.unitOctetCount + Self.headerOctetCount
  }

  /// Octets in blocks that are in use, headers and rounding included.
  package var usedOctetCount: Int { allocator.usedOctetCount }

  /// A block with these octets; `nil` when the heap is full. 0 is no reference.
  package mutating func insert(_ octets: [UInt8]) -> UInt32? {
    let size = octets.count + Self.headerOctetCount
    guard let length = UInt32(exactly: octets.count), let block = allocator.allocate(octets: size)
    else { return nil }
    allocator.commit()
    arena.store32(length, at: Int(block) * Arena.unitOctetCount)
    arena.store(octets, at: start(block))
    return block
  }

  /// Frees a block.
  package mutating func remove(_ reference: UInt32) {
    allocator.free(reference, octets: count(reference) + Self.headerOctetCount)
  }

  /// Octets in a block.
  package func count(_ reference: UInt32) -> Int {
    Int(arena.view.load32(start(reference) - Self.headerOctetCount))
  }

  /// All of a block's octets.
  package func octets(_ reference: UInt32) -> [UInt8] {
    arena.view.octets(at: start(reference), length: count(reference))
  }

  /// One octet of a block; 0 outside of the heap.
  package func octet(_ reference: UInt32, _ index: Int) -> UInt8 {
    arena.view.load8(start(reference) + index)
  }

  /// Whether a block starts with these octets.
  package func hasPrefix(_ reference: UInt32, _ octets: [UInt8]) -> Bool {
    octets.count <= count(reference) && arena.view.equals(octets.span, at: start(reference))
  }

  /// The keyed hash of a block's first octets.
  package func hash(_ reference: UInt32, length: Int, key: UInt64) -> UInt64 {
    arena.view.hash(at: start(reference), length: min(length, count(reference)), key: key)
  }
}
