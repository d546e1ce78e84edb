/// One file's part in the state: what it stands for, and what it was last seen to be.
struct ManifestFile: Sendable {
  /// An object and whether it was read without any problem.
  struct Held: Hashable, Sendable {
    /// The object.
    let object: ClusterObject
    /// Whether nothing had to be left out of it.
    let isWhole: Bool
  }

  /// What was seen at a path, without the octets.
  enum Seen: Hashable, Sendable {
    /// Octets.
    case octets(OctetsDigest)
    /// Nothing.
    case missing
    /// Something that cannot be read, and why.
    case unreadable(String)

    /// What `input` is without its octets.
    init(_ input: ManifestInput) {
      switch input {
      case .octets(let octets): self = .octets(OctetsDigest(octets))
      case .missing: self = .missing
      case .unreadable(let reason): self = .unreadable(reason)
      }
    }
  }

  /// What a new look at the file means.
  struct Update {
    /// What is wrong.
    var problems: [ManifestProblem] = []
    /// The objects whose version or standing may differ.
    var touched: [ObjectID] = []
    /// Among them, those the file has a new version of.
    var changed: [ObjectID] = []
    /// Whether the file's contents were taken in.
    var isTold = false
  }

  /// The objects the file stands for.
  var objects: [ObjectID: Held] = [:]
  /// Whether the objects are those of an earlier time, because the file is not as it should be.
  var isHeld = false
  /// What was last seen at the path; `nil` at first.
  private(set) var seen: Seen?
  /// Whether the deletion was warned about.
  var isWarnedAbout = false
  /// The octets that `objects` were read from.
  private var accepted = OctetsDigest()

  /// Takes in what was found at the path; `nil` when it is what was seen last.
  mutating func take(_ input: ManifestInput, path: String) -> Update? {
    let seen = Seen(input)
    guard self.seen != seen else { return nil }
    self.seen = seen
    isWarnedAbout = false
    switch (input, seen) {
    case (.unreadable(let reason), _):
      return hold("the file cannot be read (\(reason))", path: path)
    case (.octets(let octets), .octets(let digest)): return take(octets, digest, path: path)
    default: return hold()
    }
  }

  private mutating func take(
    _ octets: [UInt8], _ digest: OctetsDigest, path: String
  ) -> Update {
    // An end that is missing may be an object that is missing, or half a number in the last one.
    if accepted.isCut(to: octets) {
      let story =
        octets.isEmpty
        ? "the file is empty"
        : "the file was cut short (the first \(octets.count) of its \(accepted.count) octets)"
      return hold(story, path: path)
    }
    let contents: ManifestContents
    do throws(ManifestFormatProblem) {
      contents = try ManifestContents(octets, path: path)
    } catch {
      return hold(error.message, path: path, document: error.document)
    }
    guard !contents.isEmpty else { return hold("the file is empty", path: path) }
    accepted = digest
    return accept(contents, path: path)
  }

  // MARK: - Holding

  /// Keeps everything as it was; with one problem when there is a story to tell.
  private mutating func hold(
    _ story: String? = nil, path: String, document: Int? = nil
  ) -> Update {
    var update = hold()
    if let story { update.problems = [warning(story, path: path, document: document)] }
    return update
  }

  private mutating func hold() -> Update {
    isHeld = true
    return Update(touched: Array(objects.keys))
  }

  /// The one problem of a file that is not as it should be.
  func warning(_ story: String, path: String, document: Int? = nil) -> ManifestProblem {
    guard !objects.isEmpty else {
      return ManifestProblem(
        .error, path: path, document: document, message: "\(story); nothing was loaded from it")
    }
    let count =
      objects.count == 1
      ? "its object stays as it was" : "its \(objects.count) objects stay as they were"
    return ManifestProblem(
      .warning, path: path, document: document,
      message: "\(story); \(count). To remove objects on purpose, write a well-formed "
        + "manifest that no longer names them, such as one of kind List with items: []")
  }
}
