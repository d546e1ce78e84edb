/// Words that no text of this repository has. They are put together from pieces here, so that this
/// file has none of them either.
enum ForbiddenText {
  /// Marks of work that is not done.
  static let unfinishedMarks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
  /// Folders of one machine.
  static let machineFolders = ["work", "root"].map { "/" + $0 }
  /// Where SwiftPM builds; the place of the binary comes from the test bundle.
  static let buildFolder = "." + "build"
  /// The hosts of code and packages.
  static let hosts = [
    ("github", "com"), ("githubusercontent", "com"), ("gitlab", "com"), ("crates", "io"),
    ("pypi", "org"), ("npmjs", "org"), ("docker", "io"), ("ghcr", "io"), ("quay", "io"),
    ("gcr", "io"), ("k8s.gcr", "io"), ("registry.k8s", "io"), ("golang", "org"),
    ("swiftpackageindex", "com"),
  ].map { $0.0 + "." + $0.1 }

  /// Marks of unfinished work.
  static func unfinished(_ file: TextFile) -> [Finding] {
    findings(file, unfinishedMarks, "is not finished") { isWordPart($0) || isWordPart($1) }
  }

  /// Paths of the machine that something was written on.
  static func machinePaths(_ file: TextFile) -> [Finding] {
    findings(file, machineFolders, "is a path of one machine") { before, after in
      isWordPart(before) || isWordPart(after) || [".", "-", "}", ")", ">", "*"].contains(before)
    }
  }

  /// Paths of build products.
  static func buildPaths(_ file: TextFile) -> [Finding] {
    findings(file, [buildFolder], "is a path of build products") { before, after in
      isWordPart(before) || isWordPart(after) || before == ")" || after == "("
    }
  }

  /// Hosts of code and packages.
  static func hostNames(_ file: TextFile) -> [Finding] {
    findings(file, hosts, "is a host of packages") { isWordPart($0) || isWordPart($1) }
  }

  // MARK: - Lines

  /// The lines that have one of the words, unless what stands right before and behind it says that
  /// it is part of something else.
  private static func findings(
    _ file: TextFile, _ words: [String], _ message: String,
    except isPart: (_ before: Character, _ after: Character) -> Bool
  ) -> [Finding] {
    zip(file.lines, 1...).flatMap { line, number in
      words.filter { word in
        line.ranges(of: word).contains { range in
          !isPart(line[..<range.lowerBound].last ?? " ", line[range.upperBound...].first ?? " ")
        }
      }.map { Finding(file.path, number, "\"\($0)\" \(message)") }
    }
  }

  private static func isWordPart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }
}
