import NIOCore

/// What a request comes to.
enum Outcome {
  /// No answer at all.
  case silence
  /// A Status.
  case refusal(Refusal)
  /// The body of a list.
  case list(ByteBuffer)
  /// A watch that goes on.
  case watch(WatchRequest)

  /// The status code; 0 without one.
  var code: Int {
    switch self {
    case .silence: 0
    case .refusal(let refusal): refusal.code
    case .list, .watch: 200
    }
  }
}

/// What all connections of a server share.
final class ServerCore: Sendable {
  let options: APIServerOptions
  let world: World
  let faults = Faults()
  let access: Access
  let log = RequestLog()
  let watches = WatchRegistry()
  let connections = ConnectionRegistry()

  init(options: APIServerOptions, world: World) {
    self.options = options
    self.world = world
    access = Access(tokens: [options.token])
    world.onChange { [watches] kind in watches.signal(.changed, kind) }
  }

  /// What a request comes to. `refusal` is why it is not allowed.
  func outcome(
    _ call: APICall, _ format: WireFormat?, refusal: Refusal?, fault: Fault?
  ) -> Outcome {
    if let refusal { return .refusal(refusal) }
    switch fault {
    case .status(let code, let seconds):
      return .refusal(.fault(code, retryAfterSeconds: seconds))
    case .noHead: return .silence
    case .expiredToken: return .refusal(.continueExpired)
    default: break
    }
    do throws(Refusal) {
      guard let kind = call.kind, kind != .serviceImports || options.hasServiceImports else {
        throw Refusal(404, "NotFound", "the server could not find the requested resource")
      }
      guard call.verb == .list || call.verb == .watch else {
        throw Refusal(
          405, "MethodNotAllowed", "the server does not allow this method on the requested resource"
        )
      }
      guard let format else {
        throw Refusal(
          406, "NotAcceptable",
          "only the following media types are accepted: application/json, "
            + "application/vnd.kubernetes.protobuf")
      }
      let selection = try Selection(
        kind, namespace: call.namespace, labelSelector: call.query["labelSelector"] ?? "",
        fieldSelector: call.query["fieldSelector"] ?? "")
      return call.verb == .list
        ? try list(call, selection, format, fault) : try watch(call, selection, format)
    } catch {
      return .refusal(error)
    }
  }

  private func list(
    _ call: APICall, _ selection: Selection, _ format: WireFormat, _ fault: Fault?
  ) throws(Refusal) -> Outcome {
    if call.query["sendInitialEvents"] != nil {
      throw Refusal(422, "Invalid", "sendInitialEvents is forbidden for list")
    }
    var request = ListRequest(selection: selection)
    request.limit = call.query["limit"].flatMap { Int($0) } ?? 0
    request.continueToken = call.query["continue"] ?? ""
    request.version = call.query["resourceVersion"] ?? ""
    request.isExact = call.query["resourceVersionMatch"] == "Exact"
    let page = try world.page(request).get()
    var extras: [[UInt8]] = []
    switch fault {
    case .garbageBody: return .list(ByteBuffer(string: "<html>\u{1}\u{7F} no list at all</html>"))
    case .badObjects: extras = BadObjects.octets(selection.kind, format)
    case .oversizedObject: extras = [BadObjects.oversized(selection.kind, format)]
    default: break
    }
    return .list(ListBody.buffer(page, selection.kind, format, extras: extras))
  }

  private func watch(
    _ call: APICall, _ selection: Selection, _ format: WireFormat
  ) throws(Refusal) -> Outcome {
    let request = try WatchRequest(
      call, selection, format, offersWatchList: options.offersWatchList)
    if case .behind(let version) = request.start {
      if options.refusesExpiredWatches, world.steps(selection.kind, after: version) == nil {
        throw WatchStream.tooOld(version, world.version)
      }
      if options.refusesFutureWatches, version > world.version {
        throw Refusal.tooLarge(version, current: world.version)
      }
    }
    return .watch(request)
  }
}
