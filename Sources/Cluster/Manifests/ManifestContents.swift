/// One object as a file names it: the object itself, or why it cannot be had.
struct ManifestEntry {
  /// Kind and name.
  let id: ObjectID
  /// Where in the file it stands.
  let place: ManifestPlace
  /// The object without its bad elements; `nil` when it is refused.
  let object: ClusterObject?
  /// Why it is refused, or the elements that were left out.
  let refusals: [FieldRefusal]
}

/// A place in a file.
struct ManifestPlace: Hashable, Sendable, Comparable {
  /// The document, 1 for the first.
  let document: Int
  /// The item of a List, 0 for the first.
  var item: Int?

  /// Order by document, then item.
  static func < (one: ManifestPlace, other: ManifestPlace) -> Bool {
    (one.document, one.item ?? 0) < (other.document, other.item ?? 0)
  }
}

/// What a file holds, read without knowledge of any other file or time.
struct ManifestContents {
  /// What the items of a List are when they do not say so themselves.
  struct ListKind {
    /// The kind of all items; `nil` when each item says its own.
    let item: ObjectKind?
    /// Whether the items concern DNS at all.
    var isRead = true
  }

  /// The objects by identity; the last of several in the file.
  private(set) var entries: [ObjectID: ManifestEntry] = [:]
  /// What is wrong besides the refusals of `entries`.
  private(set) var problems: [ManifestProblem] = []
  /// Whether every document could be told apart: an object that is not among `entries` is really
  /// not named, not just misspelt.
  private(set) var isComplete = true
  /// Whether there is no document at all but empty ones.
  private(set) var isEmpty = true

  private let path: String
  private static let listDepthMax = 4

  /// Reads a file's octets.
  init(_ octets: [UInt8], path: String) throws(ManifestFormatProblem) {
    self.path = path
    try ManifestDocuments(octets, path: path).add(to: &self)
  }

  /// Adds a document, 1 for the first.
  mutating func add(_ value: ManifestValue, document: Int) {
    guard value != .null else { return }
    isEmpty = false
    let place = ManifestPlace(document: document)
    if case .list(let items) = value {
      // Not a shape of Kubernetes, but what people write in JSON.
      addItems(items, of: ListKind(item: nil), at: place, depth: 0)
    } else {
      add(value, at: place, depth: 0, of: ListKind(item: nil))
    }
  }

  // MARK: - Lists

  /// What a List's items are; `nil` when this is no List.
  func list(_ value: ManifestValue) -> ListKind? {
    guard case .text(let kind) = value["kind"], kind.hasSuffix("List"),
      case .text(let apiVersion) = value["apiVersion"]
    else { return nil }
    if kind == "List" { return ListKind(item: nil) }
    let item = ObjectKind(apiVersion: apiVersion, kind: String(kind.dropLast(4)))
    return ListKind(item: item, isRead: item != nil)
  }

  /// Adds items of a List, the first of which stands at `place`.
  mutating func addItems(
    _ items: [ManifestValue], of list: ListKind, at place: ManifestPlace, depth: Int
  ) {
    isEmpty = false
    guard list.isRead else { return }
    guard depth < Self.listDepthMax else {
      return report(
        FieldRefusal(field: "items", message: "Lists are nested too deep"), at: place)
    }
    for (index, item) in items.enumerated() {
      let item = (item, ManifestPlace(document: place.document, item: (place.item ?? 0) + index))
      add(item.0, at: item.1, depth: depth + 1, of: list)
    }
  }

  // MARK: - Objects

  private mutating func add(
    _ value: ManifestValue, at place: ManifestPlace, depth: Int, of list: ListKind
  ) {
    do throws(FieldRefusal) {
      let object = try value.mapping("")
      let kindText = try object["kind"].text("kind")
      let apiVersion = try object["apiVersion"].text("apiVersion")
      if kindText == nil, let kind = list.item { return addObject(object, kind, at: place) }
      guard let kindText, !kindText.isEmpty else {
        throw FieldRefusal(field: "kind", message: "the kind is missing")
      }
      guard let apiVersion, !apiVersion.isEmpty else {
        throw FieldRefusal(field: "apiVersion", message: "the apiVersion is missing")
      }
      if let kind = ObjectKind(apiVersion: apiVersion, kind: kindText) {
        return addObject(object, kind, at: place)
      }
      guard let inner = self.list(object), inner.isRead else { return }
      guard case .list(let items) = object["items"] else {
        throw FieldRefusal(field: "items", message: "\(object["items"].summary) is not a list")
      }
      addItems(items, of: inner, at: ManifestPlace(document: place.document), depth: depth)
    } catch {
      report(error, at: place)
    }
  }

  private mutating func addObject(
    _ object: ManifestValue, _ kind: ObjectKind, at place: ManifestPlace
  ) {
    let head: ObjectHead
    do throws(FieldRefusal) {
      head = try ObjectHead(kind: kind, of: object)
    } catch {
      return report(error, at: place, kind: kind)
    }
    var reader = ObjectReader(object, head: head)
    do throws(FieldRefusal) {
      // A slice that belongs to no Service is not there for DNS.
      guard let read = try reader.read() else { return }
      enter(ManifestEntry(id: head.id, place: place, object: read, refusals: reader.problems))
    } catch {
      enter(ManifestEntry(id: head.id, place: place, object: nil, refusals: [error]))
    }
  }

  private mutating func enter(_ entry: ManifestEntry) {
    guard entries.updateValue(entry, forKey: entry.id) != nil else { return }
    problems.append(
      ManifestProblem(
        .warning, path: path, document: entry.place.document, item: entry.place.item,
        object: entry.id.description, message: "the object stands twice in the file; this one wins"
      ))
  }

  /// A document or item that cannot be told: the file may still mean any object.
  private mutating func report(
    _ refusal: FieldRefusal, at place: ManifestPlace, kind: ObjectKind? = nil
  ) {
    isComplete = false
    problems.append(
      ManifestProblem(
        .error, path: path, document: place.document, item: place.item, object: kind?.label,
        field: refusal.field.isEmpty ? nil : refusal.field, message: refusal.message))
  }
}
