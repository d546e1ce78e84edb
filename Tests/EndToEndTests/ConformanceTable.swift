/// The table of docs/CONFORMANCE.md that says how many answers each declared difference changes.
struct ConformanceTable: Equatable {
  /// For each id, the counts of V1 to V4.
  let counts: [String: [Int]]

  /// Finds the lines `| id | V1 | V2 | V3 | V4 | why |` below a header of these words.
  ///
  /// The table ends at the first line that is not a row of it; nil without such a table or when
  /// a count is not a number.
  init?(markdown: String) {
    let rows = markdown.split(separator: "\n", omittingEmptySubsequences: false).map(Self.cells)
    let header = ["id", "v1", "v2", "v3", "v4", "why"]
    guard let start = rows.firstIndex(where: { $0.map { $0.lowercased() } == header }) else {
      return nil
    }
    var counts: [String: [Int]] = [:]
    for row in rows.dropFirst(start + 1).prefix(while: { $0.count == header.count }) {
      if row.allSatisfy({ $0.allSatisfy { "-: ".contains($0) } }) { continue }
      let numbers = row[1...4].compactMap { Int($0.filter { $0 != "," }) }
      guard numbers.count == 4 else { return nil }
      counts[row[0].filter { $0 != "`" }] = numbers
    }
    self.counts = counts
  }

  private static func cells(_ line: Substring) -> [String] {
    let line = String(line).trimmed
    guard line.hasPrefix("|"), line.hasSuffix("|"), line.count > 1 else { return [] }
    return line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
      .map { String($0).trimmed }
  }
}
