/// A part of a list, as it comes off the wire.
enum ListPart: Hashable {
  /// What the list says of itself (`metadata`).
  case head(ArraySlice<UInt8>)
  /// An item.
  case item(ArraySlice<UInt8>)
  /// An item that is larger than `APIFormat.objectOctetCountMax`.
  case oversized
}

/// Takes a list apart while it arrives; holds one item at most.
protocol ListSplitting: Sendable {
  /// The parts that end in these octets.
  mutating func feed(_ octets: [UInt8]) throws(APIDecodingProblem) -> [ListPart]
  /// Whether the list is there to its end.
  var isWhole: Bool { get }
}
