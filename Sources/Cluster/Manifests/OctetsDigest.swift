/// What is remembered of a file's octets: enough to tell whether other octets are the same or a
/// cut of them, without keeping a large file in memory.
///
/// The last 64 KiB are kept as they are, what comes before as a hash of each 4 KiB. Within what is
/// kept the answer is exact; a cut further up is told by its whole blocks.
struct OctetsDigest: Hashable, Sendable {
  /// The number of octets.
  let count: Int
  private let blocks: [Int]
  private let tail: [UInt8]

  private static let blockOctetCount = 4 << 10
  private static let tailOctetCountMax = 64 << 10

  /// The digest of no octets.
  init() { self.init([]) }

  /// The digest of a file's octets.
  init(_ octets: [UInt8]) {
    count = octets.count
    let excess = max(0, octets.count - Self.tailOctetCountMax)
    let blockCount = (excess + Self.blockOctetCount - 1) / Self.blockOctetCount
    blocks = (0..<blockCount).map { Self.hash(octets, block: $0) }
    tail = Array(octets[(blockCount * Self.blockOctetCount)...])
  }

  /// Whether `octets` are the first ones of what this is the digest of, but not all.
  func isCut(to octets: [UInt8]) -> Bool {
    guard octets.count < count else { return false }
    let blockCount = min(blocks.count, octets.count / Self.blockOctetCount)
    guard (0..<blockCount).allSatisfy({ Self.hash(octets, block: $0) == blocks[$0] }) else {
      return false
    }
    guard blockCount == blocks.count else { return true }
    return tail.starts(with: octets[(blockCount * Self.blockOctetCount)...])
  }

  private static func hash(_ octets: [UInt8], block: Int) -> Int {
    var hasher = Hasher()
    let start = block * blockOctetCount
    for octet in octets[start..<(start + blockOctetCount)] { hasher.combine(octet) }
    return hasher.finalize()
  }
}
