/// The word of `words` that `word` was probably meant to be, or `nil` when none is near.
///
/// Near is at most one edit for three characters (at least one): a letter more, less or other, or
/// two letters exchanged. Case does not count. Of equally near words the first wins.
package func nearestWord(to word: String, among words: [String]) -> String? {
  let wordCharacterCountMax = 64
  let wanted = Array(word.lowercased().unicodeScalars)
  guard !wanted.isEmpty, wanted.count <= wordCharacterCountMax else { return nil }
  var best: (word: String, distance: Int)?
  for candidate in words {
    let scalars = Array(candidate.lowercased().unicodeScalars)
    let limit = max(1, max(wanted.count, scalars.count) / 3)
    guard scalars.count <= wordCharacterCountMax, abs(scalars.count - wanted.count) <= limit
    else { continue }
    let distance = editDistance(wanted, scalars)
    if distance <= limit, distance < (best?.distance ?? .max), distance < wanted.count {
      best = (candidate, distance)
    }
  }
  return best?.word
}

/// The edits from `left` to `right` (optimal string alignment).
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var beforeLast = [Int](repeating: 0, count: right.count + 1)
  var last = Array(0...right.count)
  for row in 0..<left.count {
    var current = [row + 1] + [Int](repeating: 0, count: right.count)
    for column in 0..<right.count {
      let isSame = left[row] == right[column]
      var cost = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        cost = min(cost, beforeLast[column - 1] + 1)
      }
      current[column + 1] = cost
    }
    (beforeLast, last) = (last, current)
  }
  return last[right.count]
}
