import DNSWire
import TestSupport
import ZoneText

extension SeededGenerator {
  /// True once in `count` times.
  mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

  /// A number of the range.
  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// An element of a list, or `instead` when there is none.
  mutating func pick<Element>(_ list: [Element], or instead: Element) -> Element {
    list.randomElement(using: &self) ?? instead
  }

  /// `count` octets.
  mutating func octets(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}

/// A 16-bit number in network order.
func octets16(_ value: Int) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
}

/// A 32-bit number in network order.
func octets32(_ value: UInt32) -> [UInt8] {
  octets16(Int(value >> 16)) + octets16(Int(value & 0xFFFF))
}

/// The wire form of an absolute name without escapes, for literals in tests.
func wire(_ text: String) -> [UInt8] {
  text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
}

/// Octets as hexadecimal digits, for failure messages.
func hex(_ octets: [UInt8]) -> String {
  octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Runs `body` on a writer over `capacity` octets: the reply it left.
func compose(capacity: Int, _ body: (inout ReplyWriter) -> Void) -> [UInt8] {
  var memory = [UInt8](repeating: 0, count: capacity)
  var result: [UInt8] = []
  unsafe memory.withUnsafeMutableBufferPointer { buffer in
    guard let start = buffer.baseAddress else { return }
    // SAFETY: the array's own octets, which the closure holds alone.
    var writer = unsafe ReplyWriter(base: start, capacity: capacity)
    body(&writer)
    result = writer.withOctets { span in (0..<span.count).map { span[$0] } }
  }
  return result
}

// MARK: - Functions that take spans, over arrays

func readHeader(_ octets: [UInt8]) -> Header? { Header(octets.span) }

func readName(_ octets: [UInt8], at start: Int) -> DomainName? {
  readName(octets.span, at: start)
}

func skipName(_ octets: [UInt8], at start: Int) -> Int? { skipName(octets.span, at: start) }

func readRecord(_ octets: [UInt8], at start: Int) -> RecordHeader? {
  RecordHeader(octets.span, at: start)
}
