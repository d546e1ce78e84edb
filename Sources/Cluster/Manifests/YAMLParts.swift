/// Cuts YAML text by lines, so that a file of a whole cluster is not in memory as one tree.
///
/// Documents are cut at their markers, which YAML knows nowhere else than at the start of a line. A
/// large List as `kubectl get -o yaml` writes it is cut between items too. That cut is a guess:
/// when a part does not read on its own (an alias of another item, a bracket open over the cut),
/// the whole document is read instead.
enum YAMLParts {
  /// A List in parts.
  struct List {
    /// The octets around the items, with an empty list in their place.
    let head: [UInt8]
    /// Runs of whole items, each a list on its own.
    let items: [Range<Int>]
  }

  /// A document that is smaller is not cut.
  static let listOctetCountMin = 1 << 20
  /// Items are put together up to about this size.
  private static let partOctetCount = 1 << 18

  /// The documents of `text`: ranges that cover it, each from its marker to the next.
  static func documents(_ text: [UInt8]) -> [Range<Int>] {
    var cuts = [0]
    var hasDirective = false
    forEachLine(text, 0..<text.count) { line in
      if isMarker(text, line), line.lowerBound > 0 { cuts.append(line.lowerBound) }
      hasDirective = hasDirective || text[line.lowerBound] == UInt8(ascii: "%")
      return true
    }
    // A directive belongs to the document after it, and its lines are ordinary text elsewhere.
    if hasDirective { return [0..<text.count] }
    cuts.append(text.count)
    return zip(cuts, cuts.dropFirst()).map { $0..<$1 }
  }

  /// The parts of a large List; `nil` for any other document.
  static func list(_ text: [UInt8], _ document: Range<Int>) -> List? {
    guard document.count >= listOctetCountMin else { return nil }
    var itemsStart: Int?
    var indent: Int?
    var cuts: [Int] = []
    var end = document.upperBound
    forEachLine(text, document) { line in
      guard itemsStart != nil else {
        if isItemsKey(text, line) { itemsStart = line.upperBound }
        return true
      }
      guard let (depth, first) = content(text, line) else { return true }
      let isItem = first == UInt8(ascii: "-") && (indent == nil || depth == indent)
      if isItem {
        indent = depth
        if line.lowerBound - (cuts.last ?? 0) >= partOctetCount || cuts.isEmpty {
          cuts.append(line.lowerBound)
        }
      } else if depth <= indent ?? Int.max {
        end = line.lowerBound
        return false
      }
      return true
    }
    guard let itemsStart, !cuts.isEmpty else { return nil }
    cuts.append(end)
    let head =
      Array(text[document.lowerBound..<itemsStart].dropLast()) + Array(" []\n".utf8)
      + text[end..<document.upperBound]
    return List(head: head, items: zip(cuts, cuts.dropFirst()).map { $0..<$1 })
  }

  // MARK: - Lines

  /// Calls `body` with each line, its line feed included, until it says `false`.
  private static func forEachLine(
    _ text: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Bool
  ) {
    var start = range.lowerBound
    var position = start
    while position < range.upperBound {
      let isEnd = text[position] == UInt8(ascii: "\n")
      position += 1
      if isEnd || position == range.upperBound {
        guard body(start..<position) else { return }
        start = position
      }
    }
  }

  /// Whether a line is `---`, alone or with something after a blank.
  private static func isMarker(_ text: [UInt8], _ line: Range<Int>) -> Bool {
    let marker = Array("---".utf8)
    guard text[line].starts(with: marker) else { return false }
    return text[line].dropFirst(marker.count).first.map(isBlank) ?? true
  }

  /// Whether a line is `items:` with nothing but blanks after it.
  private static func isItemsKey(_ text: [UInt8], _ line: Range<Int>) -> Bool {
    let key = Array("items:".utf8)
    return text[line].starts(with: key) && text[line].last == UInt8(ascii: "\n")
      && text[line].dropFirst(key.count).allSatisfy(isBlank)
  }

  /// The number of spaces before a line's first other octet, and that octet; `nil` for a line of
  /// blanks or a comment.
  private static func content(_ text: [UInt8], _ line: Range<Int>) -> (depth: Int, first: UInt8)? {
    for index in line where text[index] != UInt8(ascii: " ") {
      let first = text[index]
      return isBlank(first) || first == UInt8(ascii: "#") ? nil : (index - line.lowerBound, first)
    }
    return nil
  }

  private static func isBlank(_ octet: UInt8) -> Bool {
    octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D
  }
}
