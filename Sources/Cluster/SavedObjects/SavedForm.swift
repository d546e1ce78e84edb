// How objects are saved; all numbers are little-endian.
//
//   magic         8 octets "SWFTLTKO"
//   version       u32
//   terms         u32 octets, then these: the options that decide what is kept and how
//   time          u64 seconds since 1970: when the objects were certainly those of the API server
//   frames        u8 mark, u32 octets, then these: the block of an object, or the key of a gone one
//   end           u8 0xFF
//   counts        u64 frames of objects, u64 frames of keys
//   checksum      u64 over everything before
//
// A block is what `PackedObjects` keeps, key first. A later frame of a key replaces an earlier one:
// the objects change while they are written.

/// The numbers of the form.
enum SavedForm {
  static let magic = Array("SWFTLTKO".utf8)
  /// Changes with every change of this form or that of the blocks.
  static let version: UInt32 = 1
  /// In a frame's mark: the object is of the model of what clusters have in common.
  static let multiclusterMark: UInt8 = 1
  /// In a frame's mark: the object is gone.
  static let goneMark: UInt8 = 2
  /// The mark behind the last frame.
  static let endMark: UInt8 = 0xFF
  /// Octets of the terms, at most.
  static let termsOctetCountMax = 1 << 20
  /// Octets of a file that is read, at most.
  static let fileOctetCountMax = 1 << 30
}

/// FNV-1a with 64 bits. Each step is reversible, so one octet that differs is always noticed.
struct SavedChecksum {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ octets: some Sequence<UInt8>) {
    for octet in octets { value = (value ^ UInt64(octet)) &* 0x100_0000_01B3 }
  }
}

/// Puts objects into the form; what is ready is taken away piece by piece.
struct SavedObjectsWriter {
  private var octets: [UInt8] = []
  private var checksum = SavedChecksum()
  private var objectCount: UInt64 = 0
  private var goneCount: UInt64 = 0

  /// Octets that are ready.
  var readyOctetCount: Int { octets.count }

  init(terms: String, time: UInt64) {
    octets = SavedForm.magic
    append(UInt64(SavedForm.version), octetCount: 4)
    append(UInt64(terms.utf8.count), octetCount: 4)
    octets += terms.utf8
    append(time, octetCount: 8)
  }

  private mutating func append(_ number: UInt64, octetCount: Int) {
    for index in 0..<octetCount {
      octets.append(UInt8(truncatingIfNeeded: number >> UInt64(index * 8)))
    }
  }

  private mutating func append(_ mark: UInt8, _ content: [UInt8]) {
    octets.append(mark)
    append(UInt64(content.count), octetCount: 4)
    octets += content
  }

  /// Appends an object's block.
  mutating func append(_ block: [UInt8], isMulticluster: Bool) {
    objectCount += 1
    append(isMulticluster ? SavedForm.multiclusterMark : 0, block)
  }

  /// Appends that an object is gone.
  mutating func appendGone(_ key: PackedKey, isMulticluster: Bool) {
    goneCount += 1
    append((isMulticluster ? SavedForm.multiclusterMark : 0) | SavedForm.goneMark, key.octets)
  }

  /// Appends the end.
  mutating func end() {
    octets.append(SavedForm.endMark)
    append(objectCount, octetCount: 8)
    append(goneCount, octetCount: 8)
    var whole = checksum
    whole.add(octets)
    append(whole.value, octetCount: 8)
  }

  /// What is ready, which goes with it.
  mutating func take() -> [UInt8] {
    checksum.add(octets)
    let ready = octets
    octets.removeAll(keepingCapacity: true)
    return ready
  }
}
