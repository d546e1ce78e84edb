import AsyncHTTPClient
import Files
import NIOCore
import NIOHTTP1
import NIOPosix

/// The thread that all connections to API servers share.
package final class APIThread: Sendable {
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  /// Starts the thread.
  package init() {}

  /// Ends it, once every client is closed.
  package func stop() async { try? await group.shutdownGracefully() }
}

/// Asks one API server for lists and watches. Bodies are handed on as they arrive, never held.
package final class APIClient: Sendable {
  /// What a response came to.
  package enum Answer: Hashable, Sendable {
    /// It was read to its end.
    case complete
    /// It was none of 200; what was refused is the grant of this number.
    case refused(APIStatus, grant: UInt64)
  }

  /// The numbers of what was asked.
  package let metrics: RequestMetrics

  /// How long a connection, with its TLS handshake, may take to be made.
  static let connectMax = Duration.seconds(5)
  /// How long a response may take to begin. A reflector gives up sooner.
  static let headMax = Duration.seconds(120)
  private static let connectionCountMax = 64

  private let address: APIServerAddress
  private let urlPrefix: String
  private let userAgent: String
  private let http: HTTPClient
  private let access: APIAccess
  private let pacer: RequestPacer

  /// A client that has no connection yet; it must be closed. `version` is the program's.
  package init(_ configuration: APIServerConfiguration, version: String, thread: APIThread) {
    address = configuration.address
    userAgent = "swiftlet/\(version)"
    access = APIAccess(configuration)
    pacer = RequestPacer(configuration.limits)
    metrics = RequestMetrics(host: address.authority)
    var settings = HTTPClient.Configuration()
    settings.redirectConfiguration = .disallow
    // A connection that is stuck shall concern one watch alone.
    settings.httpVersion = .http1Only
    settings.timeout = .init(connect: .seconds(Self.connectMax.components.seconds))
    settings.connectionPool.retryConnectionEstablishment = false
    settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionCountMax
    settings.http1_1ConnectionDebugInitializer = ConnectionOptions.set
    if configuration.serverName.isEmpty || configuration.serverName == address.host {
      urlPrefix = address.url
    } else {
      // The name stands in the URL, where the handshake finds it; the connection goes elsewhere.
      settings.dnsOverride = [configuration.serverName: address.host]
      urlPrefix =
        "\(address.scheme)://\(configuration.serverName):\(address.port)\(address.pathPrefix)"
    }
    http = HTTPClient(eventLoopGroup: thread.group, configuration: settings)
  }

  /// Ends all requests. Nothing may be asked from here on.
  package func close() async {
    await access.close()
    try? await http.shutdown()
  }

  /// Reads credentials again, unless others than those of `grant` are used by now.
  package func refreshCredentials(after grant: UInt64) async {
    await access.refresh(after: grant)
  }

  // MARK: - Requests

  /// Sends a request. `read` gets the format and the body of a response that is 200, and reads it
  /// to its end.
  package func send(
    _ request: APIRequest, for resource: APIResource,
    reading read: (APIFormat, inout APIBody) async throws(APIRequestFailure) -> Void
  ) async throws(APIRequestFailure) -> Answer {
    do {
      metrics.observePacer(try await pacer.waitForToken())
      if request.isWatch { return try await exchange(request, resource, read) }
      try await pacer.enter()
    } catch {
      throw APIRequestFailure(error)
    }
    defer { pacer.leave() }
    let start = ContinuousClock.now
    defer { metrics.observeRequest(ContinuousClock.now - start) }
    return try await exchange(request, resource, read)
  }

  private func exchange(
    _ request: APIRequest, _ resource: APIResource,
    _ read: (APIFormat, inout APIBody) async throws(APIRequestFailure) -> Void
  ) async throws(APIRequestFailure) -> Answer {
    let grant = try await access.grant()
    let response: HTTPClientResponse
    do {
      response = try await http.execute(
        message(request, resource, grant),
        deadline: .now() + .seconds(Self.headMax.components.seconds))
    } catch {
      if !Task.isCancelled { metrics.countRequest(.error) }
      let failure = APIRequestFailure(error)
      if failure.isTLS { await access.distrustCertificates() }
      throw failure.reaching(address.authority)
    }
    metrics.countRequest(.code(Int(response.status.code)))
    let type = response.headers.first(name: "content-type") ?? ""
    let format = APIFormat(contentType: type)
    var body = APIBody(response.body)
    guard response.status == .ok else {
      let octets = await body.prefix(APIStatus.octetCountMax)
      let delay = RetryAfter.delay(response.headers.first(name: "retry-after"), at: WallClock.now)
      let status = APIStatus(
        code: Int(response.status.code), retryAfter: delay, body: octets, format: format)
      return .refused(status, grant: grant.number)
    }
    guard let format else {
      throw APIRequestFailure(
        message: "the answer is \(ManifestText.quoted(type)), not an API server's")
    }
    try await read(format, &body)
    return .complete
  }

  private func message(
    _ request: APIRequest, _ resource: APIResource, _ grant: APIGrant
  ) -> HTTPClientRequest {
    let query = resource.query(request)
    var message = HTTPClientRequest(
      url: urlPrefix + resource.path + (query.isEmpty ? "" : "?\(query)"))
    message.tlsConfiguration = grant.tls
    message.headers = [
      "host": address.authority, "user-agent": userAgent,
      "accept": APIFormat.accepted(of: resource, isWatch: request.isWatch),
    ]
    if let authorization = grant.authorization {
      message.headers.add(name: "authorization", value: authorization)
    }
    return message
  }
}

extension APIFormat {
  /// The `Accept` header of a request: protobuf, which is half the work, where it is offered.
  static func accepted(of resource: APIResource, isWatch: Bool) -> String {
    if resource.isCustom { return "application/json" }
    let stream = isWatch ? ";stream=watch" : ""
    return "application/vnd.kubernetes.protobuf\(stream),application/json;q=0.9"
  }
}
