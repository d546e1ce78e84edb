import Corefile
import PluginChain
import Plugins
import Server
import Synchronization

/// What the running server says of itself over HTTP.
final class StatusPages: Sendable {
  private let server: DNSServer
  private let running: RunningServer
  /// Pages that somebody waits for: one request of each at a time, so that looking costs the
  /// workers little whoever looks.
  private let busy = Mutex<Set<String>>([])

  /// The pages of a server.
  init(_ server: DNSServer, _ running: RunningServer) {
    self.server = server
    self.running = running
  }

  private static let index = """
    Swiftlet \(Swiftlet.version)

    /explain?name=NAME&type=TYPE&client=IP&namespace=NAMESPACE&port=PORT&format=text|json
        why a name is answered as it is; only name is needed
    /failures?format=text|json
        the last replies that were failures, newest first
    /top?format=text|json
        clients, namespaces and names that do not exist, by queries
    """

  /// What a request gets.
  func reply(to request: PageRequest) async -> PageReply {
    do throws(PageRequest.Problem) {
      switch request.path {
      case "/":
        try request.expect([])
        return PageReply(Self.index)
      case "/explain": return try await explain(request)
      case "/failures":
        try request.expect(["format"])
        let isJSON = try Self.isJSON(request)
        return await alone("/failures") { [server] in
          await server.failures().map { FailuresPage(records: $0).reply(isJSON: isJSON) }
        }
      case "/top":
        try request.expect(["format"])
        let isJSON = try Self.isJSON(request)
        return await alone("/top") { [server] in
          await server.top().map { TopPage(reading: $0).reply(isJSON: isJSON) }
        }
      default:
        return PageReply(
          status: 404, "there is no page \(quotedForMessage(request.path)); / lists them")
      }
    } catch {
      return PageReply(status: 400, error.text)
    }
  }

  private func explain(_ request: PageRequest) async throws(PageRequest.Problem) -> PageReply {
    try request.expect(["name", "type", "client", "namespace", "port", "format"])
    let isJSON = try Self.isJSON(request)
    var port: UInt16?
    if let text = request["port"] {
      guard let number = UInt16(text), number > 0 else {
        throw PageRequest.Problem(text: "port: found \(quotedForMessage(text))")
      }
      port = number
    }
    guard let name = request["name"] else {
      throw PageRequest.Problem(text: "which name? /explain?name=NAME")
    }
    let asked: ExplainRequest
    do throws(StartError) {
      asked = try ExplainRequest(
        name: name, type: request["type"] ?? "A", client: request["client"] ?? "127.0.0.1",
        namespace: request["namespace"] ?? "default", port: port)
    } catch {
      throw PageRequest.Problem(text: error.description)
    }
    return await alone("/explain") { [running] in
      do throws(StartError) {
        return try await running.explain(asked).map { explanation in
          PageReply(isJSON ? explanation.json : explanation.text, isJSON: isJSON)
        }
      } catch {
        return PageReply(status: 400, error.description)
      }
    }
  }

  private static func isJSON(_ request: PageRequest) throws(PageRequest.Problem) -> Bool {
    switch request["format"] {
    case nil, "text": return false
    case "json": return true
    case .some(let text):
      throw PageRequest.Problem(
        text: "format: found \(quotedForMessage(text)), expected text or json")
    }
  }

  /// Makes a page while nobody else waits for the same; `nil` from `make` means that a worker has
  /// no time.
  private func alone(
    _ page: String, _ make: @Sendable () async -> PageReply?
  ) async -> PageReply {
    guard busy.withLock({ $0.insert(page).inserted }) else {
      return PageReply(status: 429, "\(page) is being made for somebody else; try again")
    }
    defer { _ = busy.withLock { $0.remove(page) } }
    return await make() ?? PageReply(status: 503, RunningServer.busy)
  }
}
