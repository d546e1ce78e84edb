/// Addresses in the answer section of a reply that stand together: of one owner and one type, so
/// that their order means nothing and can be changed.
package struct AddressRun: Sendable {
  /// The owner.
  package let owner: DomainName
  /// The addresses, in order.
  package let addresses: [IPAddress]
  fileprivate let offsets: [Int]
}

extension ReplyWriter {
  /// The runs of two addresses or more in the answer section; linear in its size.
  package func addressRuns() -> [AddressRun] {
    let (start, recordCount) = (recordsOffset, Int(answerCount))
    return withOctets { octets in
      var runs: [AddressRun] = []
      var run: (owner: Int, type: RRType, addresses: [IPAddress], offsets: [Int])?
      var offset = start
      func end() {
        guard let run, run.offsets.count > 1, let owner = readName(octets, at: run.owner) else {
          return
        }
        runs.append(AddressRun(owner: owner, addresses: run.addresses, offsets: run.offsets))
      }
      for _ in 0..<recordCount {
        guard let record = RecordHeader(octets, at: offset) else { break }
        offset = record.end
        guard let address = Self.address(octets, record) else {
          end()
          run = nil
          continue
        }
        let owner = Self.ownerPlace(octets, record)
        if run?.owner != owner || run?.type != record.type {
          end()
          run = (owner, record.type, [], [])
        }
        run?.addresses.append(address)
        run?.offsets.append(record.dataRange.lowerBound)
      }
      end()
      return runs
    }
  }

  /// Writes the addresses of a run of this reply in another order; `addresses` must be as many, and
  /// of the same family.
  package mutating func rewrite(_ run: AddressRun, _ addresses: [IPAddress]) {
    guard addresses.count == run.offsets.count else { return }
    for (address, offset) in zip(addresses, run.offsets) {
      for index in stride(from: 0, to: address.octetCount, by: 2) {
        let word = UInt16(address.octet(index)) << 8 | UInt16(address.octet(index + 1))
        patch16(word, at: offset &+ index)
      }
    }
  }

  /// Where the owner's octets are: behind the pointer, when it is nothing else.
  private static func ownerPlace(_ octets: borrowing Span<UInt8>, _ record: RecordHeader) -> Int {
    let word = octets.word16(record.ownerOffset)
    return word >= 0xC000 ? Int(word & 0x3FFF) : record.ownerOffset
  }

  private static func address(
    _ octets: borrowing Span<UInt8>, _ record: RecordHeader
  ) -> IPAddress? {
    let start = record.dataRange.lowerBound
    guard record.classCode == RRClass.internet.rawValue else { return nil }
    switch (record.type, record.dataRange.count) {
    case (.a, 4): return IPAddress(v4: octets.word32(start))
    case (.aaaa, 16):
      func half(_ offset: Int) -> UInt64 {
        UInt64(octets.word32(offset)) << 32 | UInt64(octets.word32(offset + 4))
      }
      return IPAddress(v6High: half(start), low: half(start + 8))
    default: return nil
    }
  }
}
