/// Hashes of the owners in an answer section of many records, so that looking for each name of a
/// chain does not compare it with all of them. Empty, and then of no say, until it is built.
struct OwnerIndex: ~Copyable {
  /// Sections of fewer records are compared outright.
  static let recordCountMin = 32

  private var hashes: [UInt32] = []

  /// Reads the owners of a section, if that has many records and was not read before. Allocates the
  /// index; the hashes are secret, so that no sender can have many owners share one.
  mutating func build(_ message: borrowing Span<UInt8>, _ section: ReplySection) {
    guard section.recordCount >= Self.recordCountMin, hashes.isEmpty else { return }
    hashes.reserveCapacity(section.recordCount)
    var owner = WireName()
    var offset = section.offset
    for _ in 0..<section.recordCount {
      guard let record = RecordHeader(message, at: offset) else { return }
      _ = owner.read(message, at: offset)
      hashes.append(owner.secretHash)
      offset = record.end
    }
  }

  /// The hash to look for; 0 when there is no index.
  func hash(_ name: borrowing WireName) -> UInt32 { hashes.isEmpty ? 0 : name.secretHash }

  /// Whether the owner of record `number` may be the name with this hash.
  func mayHave(_ hash: UInt32, _ number: Int) -> Bool {
    number >= hashes.count || hashes[number] == hash
  }
}
