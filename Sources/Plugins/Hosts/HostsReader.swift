import Corefile
import DNSWire

/// Reads the text of a hosts file, piece by piece, into a table: lines with an address and its
/// names, comments behind `#`. A line that means nothing is left out and told; names outside of the
/// zones are left out.
package struct HostsReader: ~Copyable {
  /// A line, or a word of it, that is left out.
  package struct Problem: Equatable, Sendable {
    /// The line's number, from 1.
    package let line: Int
    /// What was found and what was expected.
    package let words: String
  }

  /// Octets of a line, as CoreDNS.
  package static let lineOctetCountMax = 65_536
  /// Problems that are told of one text.
  package static let problemCountMax = 10

  /// The first problems.
  package private(set) var problems: [Problem] = []
  /// All problems.
  package private(set) var problemCount = 0
  private var builder: HostTableBuilder
  private let zones: ZoneIndex
  private var line: [UInt8] = []
  private var lineNumber = 1
  private var isTooLong = false
  private var name = QueryName()

  /// A reader that keeps names of `zones`; see `HostTableBuilder` for `hasReverse`.
  package init(zones: [DomainName], hasReverse: Bool) {
    self.zones = ZoneIndex(zones)
    builder = HostTableBuilder(hasReverse: hasReverse)
  }

  /// Takes the next piece of the text; lines may be spread over several.
  package mutating func take(_ octets: ArraySlice<UInt8>) {
    for octet in octets {
      if octet == UInt8(ascii: "\n") {
        endLine()
      } else if line.count < Self.lineOctetCountMax {
        line.append(octet)
      } else {
        isTooLong = true
      }
    }
  }

  /// Ends the text: its last line may have no line end.
  package mutating func finish() {
    endLine()
  }

  /// Adds a line of the Corefile, behind the text.
  package mutating func add(_ wanted: DomainName, _ address: IPAddress) {
    guard name.parse(wanted.wire.span, at: 0) != nil else { return }
    if !builder.add(name, address) { note("there is no room for this name or address") }
  }

  /// The table of what was read.
  package consuming func table() -> HostTable { builder.table() }

  // MARK: - Lines

  private mutating func endLine() {
    if isTooLong {
      note("the line has more than \(Self.lineOctetCountMax) octets")
    } else if !line.isEmpty {
      readLine()
    }
    isTooLong = false
    lineNumber &+= 1
    line.removeAll(keepingCapacity: true)
  }

  private mutating func readLine() {
    let end = line.firstIndex(of: UInt8(ascii: "#")) ?? line.count
    var index = 0
    let first = nextWord(&index, end)
    if first.isEmpty { return }
    guard let address = address(first) else {
      return note("found ", first, ", expected an address")
    }
    var word = nextWord(&index, end)
    if word.isEmpty { note("found no name behind ", first) }
    while !word.isEmpty {
      if !HostsName.read(line, word, into: &name) {
        note("found ", word, ", expected a host name")
      } else if zones.match(name) != nil, !builder.add(name, address) {
        note("there is no room for ", word)
      }
      word = nextWord(&index, end)
    }
  }

  /// The next run of octets that are no white space; empty at the end.
  private func nextWord(_ index: inout Int, _ end: Int) -> Range<Int> {
    while index < end, Self.isSpace(line[index]) { index &+= 1 }
    let start = index
    while index < end, !Self.isSpace(line[index]) { index &+= 1 }
    return start..<index
  }

  private static func isSpace(_ octet: UInt8) -> Bool {
    octet == UInt8(ascii: " ") || (9...13).contains(octet)
  }

  /// An address, without what stands behind `%` (the zone of RFC 4007 §11).
  private func address(_ word: Range<Int>) -> IPAddress? {
    let end = line[word].firstIndex(of: UInt8(ascii: "%")) ?? word.upperBound
    return IPAddress(line.span.extracting(word.lowerBound..<end))?.unmapped
  }

  /// Keeps what is wrong, the first times.
  private mutating func note(_ words: String, _ found: Range<Int>? = nil, _ rest: String = "") {
    problemCount &+= 1
    guard problems.count < Self.problemCountMax else { return }
    let word = found.map { String(decoding: line[$0].prefix(256), as: UTF8.self) }
    let quoted = word.map { quotedForMessage($0) } ?? ""
    problems.append(Problem(line: lineNumber, words: words + quoted + rest))
  }
}
