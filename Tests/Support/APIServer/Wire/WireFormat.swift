/// How the server writes.
enum WireFormat: Hashable, Sendable {
  /// JSON.
  case json
  /// Kubernetes protobuf.
  case protobuf

  /// What is written for an `Accept` header; `nil` when nothing that is asked for is there. Without
  /// a header it is JSON, and so it is for custom resources.
  init?(accept: String, hasProtobuf: Bool) {
    let ranges = accept.split(separator: ",").map { range in
      range.lowercased().split(separator: ";").map { $0.filter { $0 != " " } }
    }
    if ranges.isEmpty {
      self = .json
      return
    }
    for range in ranges {
      // Tables and partial objects are not here.
      if range.contains(where: { $0.hasPrefix("as=") }) { continue }
      switch range.first {
      case "application/json", "application/*", "*/*":
        self = .json
        return
      case "application/vnd.kubernetes.protobuf" where hasProtobuf:
        self = .protobuf
        return
      default: continue
      }
    }
    return nil
  }

  /// The `Content-Type`.
  func contentType(isWatch: Bool) -> String {
    switch self {
    case .json: "application/json"
    case .protobuf: "application/vnd.kubernetes.protobuf" + (isWatch ? ";stream=watch" : "")
    }
  }
}
