/// What is true of every document.
enum DocumentRules {
  /// A file has one title.
  static func titleCount(_ document: Markdown) -> [Finding] {
    let count = document.titles(level: 1).count
    return count == 1 ? [] : [Finding(document.path, 0, "\(count) titles (# ...), expected one")]
  }

  /// Links to files that are not there.
  static func brokenLinks(_ document: Markdown, exists: (String) -> Bool) -> [Finding] {
    document.links.compactMap { target, line in
      let path = target.prefix { $0 != "#" }
      if path.isEmpty || target.contains("://") || target.hasPrefix("mailto:") { return nil }
      let resolved = resolve(String(path), from: document.path)
      return exists(resolved) ? nil : Finding(document.path, line, "there is no \(resolved)")
    }
  }

  /// Files and folders of the repository that are named and not there. Names with a placeholder in
  /// `< >` are not looked at.
  static func missingPaths(_ file: TextFile, exists: (String) -> Bool) -> [Finding] {
    zip(file.lines, 1...).flatMap { line, number in
      line.split { " `()[],;:|\"".contains($0) }.compactMap { word in
        let folders = ["Sources/", "Tests/", "docs/", "scripts/", "Benchmarks/"]
        guard folders.contains(where: word.hasPrefix), !word.contains("<"), !word.contains("*")
        else { return nil }
        let path = word.reversed().drop { ".".contains($0) }.reversed()
        return exists(String(path)) ? nil : Finding(file.path, number, "there is no \(word)")
      }
    }
  }

  /// `path` as seen from the folder of the file `document`.
  static func resolve(_ path: String, from document: String) -> String {
    var parts = document.split(separator: "/").dropLast()
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }

  /// The names in the boxes of a picture: single words between two bars.
  static func boxNames(in picture: String) -> Set<String> {
    var names: Set<String> = []
    for line in picture.split(separator: "\n") {
      let segments = line.split(separator: "|", omittingEmptySubsequences: false)
      for segment in segments.dropFirst().dropLast() {
        let words = segment.split(separator: " ")
        if words.count == 1, words[0].allSatisfy({ $0.isLetter || $0.isNumber }), words[0] != "v" {
          names.insert(String(words[0]))
        }
      }
    }
    return names
  }
}
