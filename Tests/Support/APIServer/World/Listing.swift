import Foundation

/// What a list is asked for.
struct ListRequest: Sendable {
  /// The objects.
  var selection: Selection
  /// The most objects of a page; 0 for all.
  var limit = 0
  /// The token of a page; empty for the first.
  var continueToken = ""
  /// `resourceVersion`: empty, `0`, or a version that must be reached.
  var version = ""
  /// Whether the version must be that one (`resourceVersionMatch=Exact`).
  var isExact = false
}

/// A page of a list.
struct ListPage: Sendable {
  /// The objects.
  let objects: [StoredObject]
  /// The moment they are of.
  let version: Int
  /// The token of the next page; empty when this is the last.
  let continueToken: String
  /// How many objects come behind this page; `nil` when it is not told.
  let remainingCount: Int?
}

/// Where a list goes on: behind a key, as of a version.
struct ContinueToken: Hashable {
  let version: Int
  let key: String

  init(version: Int, key: String) {
    self.version = version
    self.key = key
  }

  /// Reads a token; `nil` when it is none of ours.
  init?(_ text: String) {
    var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    while !base64.utf8.count.isMultiple(of: 4) { base64 += "=" }
    guard let data = Data(base64Encoded: base64),
      let parts = try? JSONDecoder().decode(Parts.self, from: data),
      parts.start.hasPrefix("/"), parts.start.hasSuffix("\0")
    else { return nil }
    version = parts.rv
    key = String(parts.start.dropFirst().dropLast())
  }

  /// The token as clients see it: opaque.
  var text: String {
    let json = #"{"v":"meta.k8s.io/v1","rv":\#(version),"start":"/\#(key)\u0000"}"#
    return Data(json.utf8).base64EncodedString().replacing("+", with: "-")
      .replacing("/", with: "_").replacing("=", with: "")
  }

  private struct Parts: Decodable {
    let rv: Int
    let start: String
  }
}

extension WorldState {
  /// A page, or why there is none.
  mutating func page(_ request: ListRequest) -> Result<ListPage, Refusal> {
    let kind = request.selection.kind
    guard request.continueToken.isEmpty else { return nextPage(request) }
    var (objects, at) = (kinds[kind.rawValue].objects, version)
    // A server with a watch cache takes no limit for "any version".
    var limit = request.limit
    if request.version == "0" {
      limit = 0
    } else if !request.version.isEmpty {
      guard let wanted = Int(request.version) else {
        return .failure(.badRequest("strconv.ParseUint: parsing \"\(request.version)\""))
      }
      if wanted > version { return .failure(.tooLarge(wanted, current: version)) }
      if request.isExact, wanted != version {
        guard let snapshot = snapshot(kind, wanted) else {
          return .failure(.expired("The resourceVersion for the provided list is too old."))
        }
        (objects, at) = (snapshot.objects, wanted)
      }
    }
    return .success(cut(objects[...], at: at, request.selection, limit: limit))
  }

  private mutating func nextPage(_ request: ListRequest) -> Result<ListPage, Refusal> {
    guard let token = ContinueToken(request.continueToken) else {
      return .failure(.badRequest("continue key is not valid"))
    }
    guard request.version.isEmpty || request.version == "0" else {
      return .failure(
        .badRequest("specifying resource version is not allowed when using continue"))
    }
    guard let snapshot = snapshot(request.selection.kind, token.version) else {
      return .failure(.continueExpired)
    }
    let start = Self.firstIndex(snapshot.objects) { $0.key > token.key }
    return .success(
      cut(
        snapshot.objects[start...], at: token.version, request.selection, limit: request.limit))
  }

  private mutating func cut(
    _ objects: ArraySlice<StoredObject>, at version: Int, _ selection: Selection, limit: Int
  ) -> ListPage {
    let all = selection.choosesAll ? objects : objects.filter(selection.chooses)[...]
    guard limit > 0, all.count > limit, let last = all.prefix(limit).last else {
      return ListPage(
        objects: Array(all), version: version, continueToken: "", remainingCount: nil)
    }
    keep(selection.kind, version)
    let token = ContinueToken(version: version, key: last.key)
    return ListPage(
      objects: Array(all.prefix(limit)), version: version, continueToken: token.text,
      remainingCount: selection.hasSelectors ? nil : all.count - limit)
  }

  private func snapshot(_ kind: ResourceKind, _ version: Int) -> Snapshot? {
    snapshots.last { $0.kind == kind && $0.version == version }
  }

  /// Keeps the objects of now for further pages.
  private mutating func keep(_ kind: ResourceKind, _ version: Int) {
    guard snapshot(kind, version) == nil, version == self.version else { return }
    if snapshots.count >= Self.snapshotCountMax { snapshots.removeFirst() }
    snapshots.append(
      Snapshot(kind: kind, version: version, objects: kinds[kind.rawValue].objects))
  }
}
