import DNSWire
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Pages over HTTP, for GET alone, with the limits of `HTTPEndpoint`.
package struct PageEndpoint: Sendable {
  private let page: @Sendable (PageRequest) async -> PageReply

  /// An endpoint where every path shows what `page` makes of it.
  package init(_ page: @escaping @Sendable (PageRequest) async -> PageReply) {
    self.page = page
  }

  /// Serves on `host` and `port` until cancelled; `onBound` is called once clients can connect.
  /// Throws what keeps it from that.
  package func run(
    host: String, port: Int, onBound: @escaping @Sendable () -> Void
  ) async throws {
    let isLocal = IPAddress(text: host)?.isLoopback ?? false
    let responder = CallbackResponder<BasicRequestContext> { request, _ in
      let isMeant = !isLocal || Self.isAddress(request.head.authority)
      let reply = isMeant ? await answer(request) : Self.misdirected
      return Self.response(reply, isHead: request.method == .head)
    }
    try await HTTPEndpoint.serve(responder, host: host, port: port, onBound: onBound)
  }

  private static let misdirected = PageReply(
    status: 421, "Host has to be an IP address or localhost here")

  /// Whether Host is no name but an address, or `localhost`. Somebody's page in a browser of this
  /// machine would have a name: one that was made to lead to loopback after it was loaded.
  private static func isAddress(_ authority: String?) -> Bool {
    guard let authority, !authority.isEmpty else { return true }
    var host = Substring(authority)
    if !host.hasSuffix("]"), let colon = host.lastIndex(of: ":") { host = host[..<colon] }
    if host.hasPrefix("["), host.hasSuffix("]") {
      return IPAddress(text: host.dropFirst().dropLast())?.family == .v6
    }
    return host.lowercased() == "localhost" || IPAddress(text: host)?.family == .v4
  }

  private func answer(_ request: Request) async -> PageReply {
    guard request.method == .get || request.method == .head else {
      return PageReply(status: 405, "only GET is understood")
    }
    let length = request.headers[.contentLength] ?? "0"
    guard length == "0", request.headers[.transferEncoding] == nil else {
      return PageReply(status: 413, "a request has no content here")
    }
    do throws(PageRequest.Problem) {
      return await page(try PageRequest(target: request.uri.string))
    } catch {
      return PageReply(status: 400, error.text)
    }
  }

  private static func response(_ reply: PageReply, isHead: Bool) -> Response {
    let type = reply.isJSON ? "application/json" : "text/plain; charset=utf-8"
    var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
    // Names are whatever somebody asked for: no browser may take them for a page of HTML.
    headers[.xContentTypeOptions] = "nosniff"
    if reply.status == 405 { headers[.allow] = "GET, HEAD" }
    if reply.status == 429 || reply.status == 503 { headers[.retryAfter] = "1" }
    return Response(
      status: .init(code: reply.status), headers: headers,
      body: isHead ? .init() : .init(byteBuffer: ByteBuffer(string: reply.text)))
  }
}
