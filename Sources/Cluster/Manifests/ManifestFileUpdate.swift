// MARK: - Taking in a well-formed file

extension ManifestFile {
  /// The most problems told of one file at a time.
  private static var problemCountMax: Int { 100 }
  /// The most problems told of one object, and the most objects named in one problem.
  private static var listCountMax: Int { 10 }

  /// Goes over to what a well-formed, whole file names.
  mutating func accept(_ contents: ManifestContents, path: String) -> Update {
    var update = Update(problems: contents.problems, isTold: true)
    var next: [ObjectID: Held] = [:]
    next.reserveCapacity(contents.entries.count)
    for entry in contents.entries.values.sorted(by: { $0.place < $1.place }) {
      let previous = objects[entry.id]
      let keepsPrevious = Self.keeps(previous, against: entry)
      if keepsPrevious {
        next[entry.id] = previous
      } else if let object = entry.object {
        let held = Held(object: object, isWhole: entry.refusals.isEmpty)
        next[entry.id] = held
        if held != previous { update.changed.append(entry.id) }
      }
      update.problems += Self.problems(of: entry, path: path, keepsPrevious: keepsPrevious)
    }
    let unnamed = objects.keys.filter { contents.entries[$0] == nil }.sorted()
    if !contents.isComplete, !unnamed.isEmpty {
      for id in unnamed { next[id] = objects[id] }
      update.problems.append(
        ManifestProblem(
          .warning, path: path,
          message: "as long as a document of the file cannot be told, the objects that it names "
            + "no longer stay: \(Self.list(unnamed))"))
    }
    update.touched = isHeld ? Array(Set(objects.keys).union(next.keys)) : update.changed + unnamed
    isHeld = false
    objects = next
    Self.cap(&update.problems, path: path)
    return update
  }

  /// Whether the previous version stays: the new one is refused, or lacks something while the
  /// previous one lacked nothing.
  private static func keeps(_ previous: Held?, against entry: ManifestEntry) -> Bool {
    guard let previous else { return false }
    return entry.object == nil || (previous.isWhole && !entry.refusals.isEmpty)
  }

  private static func problems(
    of entry: ManifestEntry, path: String, keepsPrevious: Bool
  ) -> [ManifestProblem] {
    func problem(_ field: String?, _ message: String) -> ManifestProblem {
      ManifestProblem(
        keepsPrevious ? .warning : .error, path: path, document: entry.place.document,
        item: entry.place.item, object: entry.id.description, field: field, message: message)
    }
    let note = keepsPrevious ? "; the object stays as it was" : ""
    var problems = entry.refusals.prefix(listCountMax).map {
      problem($0.field, $0.message + note)
    }
    if entry.refusals.count > listCountMax {
      problems.append(problem(nil, "\(entry.refusals.count - listCountMax) more problems\(note)"))
    }
    return problems
  }

  private static func list(_ ids: [ObjectID]) -> String {
    let named = ids.prefix(listCountMax).map(\.description).joined(separator: ", ")
    return ids.count > listCountMax ? "\(named) and \(ids.count - listCountMax) more" : named
  }

  private static func cap(_ problems: inout [ManifestProblem], path: String) {
    guard problems.count > problemCountMax else { return }
    let moreCount = problems.count - problemCountMax
    let severity =
      problems[problemCountMax...].contains { $0.severity == .error }
      ? ManifestProblem.Severity.error : .warning
    problems.removeSubrange(problemCountMax...)
    problems.append(
      ManifestProblem(severity, path: path, message: "\(moreCount) more problems"))
  }
}
