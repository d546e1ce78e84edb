/// The names that kept NS, MX and SRV records point to: their addresses are what the additional
/// section is for (RFC 1035 §3.3.9, §3.3.11, RFC 2782); everything else there is dropped.
///
/// Work is bounded: `entryCountMax` names, a hash at most once, so that a name is compared in full
/// with one at most.
struct TargetTable: ~Copyable {
  /// Names remembered; the addresses of more are dropped.
  static let entryCountMax = 64

  private var hashes = InlineArray<64, UInt32>(repeating: 0)
  private var offsets = InlineArray<64, UInt16>(repeating: 0)
  /// Names remembered so far.
  private(set) var count = 0

  /// Forgets all but the first `count` names: what a record left that was taken back.
  mutating func forget(after count: Int) { self.count = min(self.count, max(0, count)) }

  /// Remembers `name`, which stands at `offset` of the message.
  mutating func insert(_ name: borrowing WireName, at offset: Int) {
    let hash = name.foldedHash
    guard count < Self.entryCountMax, offset <= WireLimits.messageOctetCountMax,
      entry(hash) == nil
    else { return }
    hashes[count & 0x3F] = hash
    offsets[count & 0x3F] = UInt16(truncatingIfNeeded: offset)
    count &+= 1
  }

  /// Whether `name` was remembered from this message, case ignored.
  func contains(_ name: borrowing WireName, _ message: borrowing Span<UInt8>) -> Bool {
    guard let entry = entry(name.foldedHash) else { return false }
    return name.matches(message, at: Int(offsets[entry & 0x3F]))
  }

  private func entry(_ hash: UInt32) -> Int? {
    for index in 0..<count where hashes[index & 0x3F] == hash { return index }
    return nil
  }
}

extension TargetTable: RecordNameVisitor {
  mutating func visit(
    _ name: inout WireName, at offset: Int, isFirst: Bool, _ message: borrowing Span<UInt8>,
    _ record: RecordHeader
  ) -> Bool {
    if record.type == .ns || record.type == .mx || record.type == .srv { insert(name, at: offset) }
    return true
  }
}
