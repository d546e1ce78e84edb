import NIOCore

/// What a watch is asked for.
struct WatchRequest: Sendable {
  /// Where it begins.
  enum Start: Hashable, Sendable {
    /// Behind a version.
    case behind(Int)
    /// With all objects as of now; `marksEnd` when a bookmark tells where they end (KEP-3157).
    case now(marksEnd: Bool)
  }

  let selection: Selection
  let format: WireFormat
  let start: Start
  let timeout: TimeAmount
  let wantsBookmarks: Bool

  var kind: ResourceKind { selection.kind }

  /// Reads the query of a watch.
  init(
    _ call: APICall, _ selection: Selection, _ format: WireFormat, offersWatchList: Bool
  ) throws(Refusal) {
    self.selection = selection
    self.format = format
    wantsBookmarks = ["1", "true"].contains(call.query["allowWatchBookmarks"] ?? "")
    let seconds = call.query["timeoutSeconds"].flatMap { Int64($0) } ?? 0
    // Without a wish it is half an hour to an hour.
    timeout = .seconds(seconds > 0 ? min(seconds, 86_400) : Int64.random(in: 1_800...3_600))
    let version = call.query["resourceVersion"] ?? ""
    if let wish = call.query["sendInitialEvents"] {
      guard offersWatchList else {
        throw Self.invalid(
          "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the "
            + "WatchList feature gate is enabled")
      }
      guard call.query["resourceVersionMatch"] == "NotOlderThan" else {
        throw Self.invalid(
          "resourceVersionMatch: Forbidden: sendInitialEvents requires setting "
            + "resourceVersionMatch to NotOlderThan")
      }
      if ["1", "true"].contains(wish) {
        start = .now(marksEnd: wantsBookmarks)
        return
      }
    } else if call.query["resourceVersionMatch"] != nil {
      throw Self.invalid(
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless "
          + "sendInitialEvents is provided")
    }
    if version.isEmpty || version == "0" {
      start = .now(marksEnd: false)
    } else if let number = Int(version), number > 0 {
      start = .behind(number)
    } else {
      throw Self.invalid("resourceVersion: Invalid value: \"\(version)\"")
    }
  }

  private static func invalid(_ message: String) -> Refusal {
    Refusal(422, "Invalid", "ListOptions.meta.k8s.io \"\" is invalid: \(message)")
  }
}
