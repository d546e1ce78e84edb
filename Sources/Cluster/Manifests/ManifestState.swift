/// A file among the manifests: which configured path it comes from, and its own path.
package struct ManifestPath: Hashable, Sendable, Comparable {
  /// The index of the configured file or folder.
  package let source: Int
  /// The path of the file.
  package let path: String

  /// A path from its parts.
  package init(source: Int, path: String) {
    self.source = source
    self.path = path
  }

  /// Order of precedence, the last wins: as configured, then by the path's Unicode scalars.
  package static func < (one: ManifestPath, other: ManifestPath) -> Bool {
    (one.source, one.path) < (other.source, other.path)
  }
}

/// What was found at a path.
package enum ManifestInput: Hashable, Sendable {
  /// The file's octets.
  case octets([UInt8])
  /// The file is not there any more.
  case missing
  /// The file cannot be read, and why.
  case unreadable(String)
}

/// The objects that all manifest files together stand for, from one look to the next. Pure: octets
/// by path go in, changes and problems come out.
///
/// The rule of safety: **nothing that was good is lost**. A file that is deleted, unreadable,
/// empty, cut short or not well formed keeps all its objects as they were; an object that became
/// invalid keeps its previous version. An object leaves only when a well-formed, whole file stops
/// naming it.
package struct ManifestState: Sendable {
  private var files: [ManifestPath: ManifestFile] = [:]
  /// The files that name an object.
  private var holders: [ObjectID: [ManifestPath]] = [:]

  /// The state before anything was read.
  package init() {}

  /// The number of objects.
  package var objectCount: Int { holders.count }

  /// The paths that still stand for objects, in order of precedence.
  package var paths: [ManifestPath] { files.keys.sorted() }

  /// Takes in what was found at some paths and tells what it changes. Paths that are not among
  /// `inputs` stay as they are.
  package mutating func apply(_ inputs: [ManifestPath: ManifestInput]) -> ManifestRound {
    var round = ManifestRound()
    var touched = TouchedObjects()
    for (path, input) in inputs.sorted(by: { $0.key < $1.key }) {
      var file = files[path] ?? ManifestFile()
      guard let update = file.take(input, path: path.path) else { continue }
      round.problems += update.problems
      for id in update.touched { touched.note(id, winner(of: id)) }
      files[path] = file
      for id in update.touched { updateHolders(of: id, at: path) }
      if update.isTold { round.problems += contests(update.changed) }
    }
    round.problems += settleDeletedFiles(Set(inputs.keys))
    round.changes = changes(touched)
    return round
  }

  // MARK: - Who holds an object

  /// The version of an object that counts: of the last path in order, but of one whose file is as
  /// it should be if there is any.
  private func winner(of id: ObjectID) -> ClusterObject? {
    guard let paths = holders[id] else { return nil }
    let best = paths.max { one, other in
      let (oneHeld, otherHeld) = (files[one]?.isHeld ?? true, files[other]?.isHeld ?? true)
      return oneHeld == otherHeld ? one < other : oneHeld
    }
    return best.flatMap { files[$0]?.objects[id]?.object }
  }

  private mutating func updateHolders(of id: ObjectID, at path: ManifestPath) {
    let isHolder = files[path]?.objects[id] != nil
    var paths = holders[id] ?? []
    if isHolder == paths.contains(path) { return }
    if isHolder { paths.append(path) } else { paths.removeAll { $0 == path } }
    holders[id] = paths.isEmpty ? nil : paths
  }

  /// One warning for each of `ids` that several files name.
  private func contests(_ ids: [ObjectID]) -> [ManifestProblem] {
    ids.compactMap { id in
      let paths = (holders[id] ?? []).filter { !(files[$0]?.isHeld ?? true) }.sorted()
      guard paths.count > 1, let winner = paths.last else { return nil }
      let others = paths.dropLast().map(\.path).joined(separator: ", ")
      return ManifestProblem(
        .warning, path: winner.path, object: id.description,
        message: "the object is also in \(others); this file is later in order and wins")
    }
  }

  /// A deleted file gives up what files that are there name, so that those decide from now on; it
  /// is forgotten once it stands for nothing, and warned about if it still does.
  private mutating func settleDeletedFiles(_ fresh: Set<ManifestPath>) -> [ManifestProblem] {
    var problems: [ManifestProblem] = []
    for (path, file) in files.sorted(by: { $0.key < $1.key }) where file.seen == .missing {
      var file = file
      for id in file.objects.keys where isNamedElsewhere(id, than: path) {
        file.objects[id] = nil
        holders[id]?.removeAll { $0 == path }
      }
      files[path] = file.objects.isEmpty ? nil : file
      if !file.isWarnedAbout, !file.objects.isEmpty, fresh.contains(path) {
        files[path]?.isWarnedAbout = true
        problems.append(file.warning("the file is gone", path: path.path))
      }
    }
    return problems
  }

  private func isNamedElsewhere(_ id: ObjectID, than path: ManifestPath) -> Bool {
    (holders[id] ?? []).contains { $0 != path && files[$0]?.isHeld == false }
  }

  private func changes(_ touched: TouchedObjects) -> [ObjectChange] {
    touched.before.sorted { $0.key < $1.key }.compactMap { id, before in
      switch winner(of: id) {
      case before: nil
      case let after?: .set(after)
      case nil: .delete(id.kind, id.key)
      }
    }
  }
}

/// The objects that a round may have changed, with their versions before it.
private struct TouchedObjects {
  private(set) var before: [ObjectID: ClusterObject?] = [:]

  /// Notes an object's version unless it is noted already.
  mutating func note(_ id: ObjectID, _ version: ClusterObject?) {
    if before[id] == nil { before.updateValue(version, forKey: id) }
  }
}
