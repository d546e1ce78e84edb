internal import CRE2

/// A regular expression as Corefiles have them, in Go's syntax. Matching takes time linear in the
/// subject whatever the expression is, so it may happen on a worker's thread.
///
/// RE2 does the work (`re2.h`): its authors made Go's engine after it, so that both read the same
/// language. Subjects and expressions are UTF-8; an octet that is not UTF-8 matches nothing.
@safe package final class Pattern: @unchecked Sendable {
  /// What is wrong with an expression; a few words.
  package struct Problem: Error, CustomStringConvertible {
    /// The words.
    package let description: String
  }

  /// The longest expression, in octets: CoreDNS's.
  package static let octetCountMax = 10_000
  /// What one expression may take, compiled and while it matches, in octets. RE2 begins anew with
  /// its tables when they are full.
  private static let memoryOctetCountMax = 2 << 20
  private static let problemOctetCountMax = 200

  /// The expression as it was written.
  package let text: String
  /// Groups that catch, without the whole match.
  package let groupCount: Int
  /// Groups with a name, in their order; the first group has the number 1.
  package let groupNames: [(name: String, group: Int)]
  // SAFETY: written once, freed in `deinit`, and RE2 lets threads match at once.
  private let compiled: OpaquePointer

  /// Compiles `text`.
  package init(_ text: String) throws(Problem) {
    guard text.utf8.count <= Self.octetCountMax else {
      throw Problem(description: "it is longer than \(Self.octetCountMax) octets")
    }
    let octets = Self.withLongNames(Array(text.utf8))
    var words = [CChar](repeating: 0, count: Self.problemOctetCountMax)
    let wordCount = words.count
    // SAFETY: RE2 reads the octets that it is told of and writes a text with its end into `words`.
    let compiled = unsafe octets.withUnsafeBytes { input in
      unsafe cre2_compile(
        input.baseAddress?.assumingMemoryBound(to: CChar.self), input.count,
        Self.memoryOctetCountMax, &words, wordCount)
    }
    guard let compiled = unsafe compiled else {
      let octets = words.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      throw Problem(description: String(decoding: octets, as: UTF8.self))
    }
    self.text = text
    unsafe self.compiled = compiled
    groupCount = Int(unsafe cre2_group_count(compiled))
    groupNames = unsafe Self.names(of: compiled, groupCount: groupCount)
    let names = groupNames.map(\.name)
    guard Set(names).count == names.count else {
      throw Problem(description: "two groups have the same name")
    }
  }

  deinit { unsafe cre2_free(compiled) }

  // MARK: - Matching

  /// Whether some part of the octets matches. No allocation but for RE2's own tables.
  package func matches(_ octets: borrowing Span<UInt8>) -> Bool {
    // SAFETY: RE2 reads the octets that it is told of, and keeps none of them.
    unsafe octets.withUnsafeBytes { subject in
      unsafe cre2_match(
        compiled, subject.baseAddress?.assumingMemoryBound(to: CChar.self), subject.count, nil, 0)
    }
  }

  /// Whether some part of a text matches.
  package func matches(_ text: String) -> Bool {
    matches(Array(text.utf8).span)
  }

  /// The leftmost match: the octets of the whole and of each group, in their order; `nil` for a
  /// group that took no part. No result without a match.
  package func groups(in octets: borrowing Span<UInt8>) -> [Range<Int>?]? {
    let rangeCount = groupCount + 1
    var ends = [Int](repeating: -1, count: 2 * rangeCount)
    // SAFETY: RE2 reads the octets that it is told of, and writes two numbers a group.
    let isMatch = unsafe octets.withUnsafeBytes { subject in
      unsafe cre2_match(
        compiled, subject.baseAddress?.assumingMemoryBound(to: CChar.self), subject.count, &ends,
        Int32(clamping: rangeCount))
    }
    guard isMatch else { return nil }
    return (0..<rangeCount).map { group in
      let (start, end) = (ends[2 * group], ends[2 * group + 1])
      return start >= 0 && start <= end ? start..<end : nil
    }
  }

  // MARK: - Syntax

  private static func names(
    of compiled: OpaquePointer, groupCount: Int
  ) -> [(name: String, group: Int)] {
    (0...groupCount).compactMap { group in
      var count = 0
      // SAFETY: RE2 keeps the name, and says its octets, for as long as the pattern lives.
      guard let name = unsafe cre2_group_name(compiled, Int32(group), &count) else { return nil }
      let octets = unsafe UnsafeRawBufferPointer(start: name, count: count)
      return unsafe (String(decoding: octets, as: UTF8.self), group)
    }
  }

  /// Go reads `(?<name>` as `(?P<name>`; RE2 does so only of late.
  private static func withLongNames(_ text: [UInt8]) -> [UInt8] {
    let short = Array("(?<".utf8)
    var long: [UInt8] = []
    var index = 0
    var isInSet = false
    while index < text.count {
      let octet = text[index]
      if octet == UInt8(ascii: "\\"), index + 1 < text.count {
        long += text[index...(index + 1)]
        index += 2
        continue
      }
      if octet == UInt8(ascii: "[") { isInSet = true }
      if octet == UInt8(ascii: "]") { isInSet = false }
      if !isInSet, text[index...].starts(with: short) {
        long += Array("(?P<".utf8)
        index += short.count
        continue
      }
      long.append(octet)
      index += 1
    }
    return long
  }
}
