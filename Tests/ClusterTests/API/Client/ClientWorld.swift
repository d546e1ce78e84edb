import Cluster
import Synchronization
import TestSupport

/// A server on loopback, a client of it, and what is asked of it.
final class ClientWorld: Sendable {
  let server: LoopbackServer
  let thread = APIThread()
  let client: APIClient

  init(
    _ server: LoopbackServer, adjust: (inout APIServerConfiguration) -> Void = { _ in },
    _ configuration: APIServerConfiguration? = nil
  ) throws {
    self.server = server
    var configuration =
      try configuration ?? APIServerConfiguration.endpoint("http://127.0.0.1:\(server.port)")
    adjust(&configuration)
    client = APIClient(configuration, version: "1.2.3", thread: thread)
  }

  /// A world for a test's body, closed after it.
  static func run(
    _ certificate: TestCertificate? = nil,
    configuration: (LoopbackServer) throws -> APIServerConfiguration? = { _ in nil },
    adjust: (inout APIServerConfiguration) -> Void = { _ in },
    reply: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply,
    _ body: (ClientWorld) async throws -> Void
  ) async throws {
    let server = try await LoopbackServer(certificate, reply: reply)
    let world = try ClientWorld(server, adjust: adjust, try configuration(server))
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(world))
    } catch {
      result = .failure(error)
    }
    await world.client.close()
    await world.thread.stop()
    await server.close()
    try result.get()
  }

  static let namespaces = APIResource(kind: .namespace)
  static let list = APIRequest.list(limit: 500, continueToken: "")

  /// Lists namespaces; the octets of the body.
  func list(_ request: APIRequest = list) async throws -> [UInt8] {
    let seen = Mutex<[UInt8]>([])
    let answer = try await client.send(request, for: Self.namespaces) {
      (_, body) async throws(APIRequestFailure) in
      while let octets = try await body.next() { seen.withLock { $0 += octets } }
    }
    if case .refused(let status, _) = answer { throw status }
    return seen.withLock { $0 }
  }

  /// The line of a failure; empty when there is none.
  func failure() async -> String {
    do {
      _ = try await list()
      return ""
    } catch let failure as APIRequestFailure {
      return failure.message
    } catch {
      return "\(error)"
    }
  }
}

/// Namespaces in both notations.
enum NamespaceText {
  static func object(_ name: String, version: String = "7") -> RawObject {
    RawObject(
      kind: .namespace,
      json:
        "{\"metadata\":{\"name\":\"\(name)\",\"uid\":\"u-\(name)\","
        + "\"resourceVersion\":\"\(version)\"}}",
      protobuf: ProtobufText.message {
        $0.message(1) {
          $0.text(1, name)
          $0.text(5, "u-\(name)")
          $0.text(6, version)
        }
      })
  }

  /// A response with a page.
  static func page(
    _ names: [String], _ format: APIFormat = .json, version: String = "10", token: String = ""
  ) -> LoopbackServer.Reply {
    let body = RawObject.list(
      names.map { object($0) }, kind: .namespace, version: version, token: token, format)
    return LoopbackServer.Reply(headers: ["content-type": contentType(format)], body: body)
  }

  /// A response that begins a watch.
  static func watch(_ format: APIFormat = .json, _ body: [UInt8] = []) -> LoopbackServer.Reply {
    let type = contentType(format) + ";stream=watch"
    return LoopbackServer.Reply(headers: ["content-type": type], body: body, isOpen: true)
  }

  static func contentType(_ format: APIFormat) -> String {
    format == .json ? "application/json" : "application/vnd.kubernetes.protobuf"
  }

  /// A refusal.
  static func status(_ code: Int, reason: String = "", headers: [String: String] = [:])
    -> LoopbackServer.Reply
  {
    LoopbackServer.Reply(
      status: code,
      headers: headers.merging(["content-type": "application/json"]) { own, _ in own },
      body: Array("{\"kind\":\"Status\",\"code\":\(code),\"reason\":\"\(reason)\"}".utf8))
  }
}

/// Takes what a driver says.
final class RecordingSink: ReflectorSink {
  struct Seen {
    var names: Set<String> = []
    var notices: [String] = []
    var syncCount = 0
    var rejectCount = 0
    /// The namespaces there were when the sync was told.
    var namesAtSync: Set<String> = []
  }

  private let seen = Mutex(Seen())

  /// `rejectCount` batches are not taken.
  init(rejectCount: Int = 0) { seen.withLock { $0.rejectCount = rejectCount } }

  var names: Set<String> { seen.withLock { $0.names } }
  var notices: [String] { seen.withLock { $0.notices } }
  var syncCount: Int { seen.withLock { $0.syncCount } }
  var namesAtSync: Set<String> { seen.withLock { $0.namesAtSync } }

  func apply(_ changes: [ObjectChange]) -> Bool {
    seen.withLock { seen in
      if seen.rejectCount > 0 {
        seen.rejectCount -= 1
        return false
      }
      for change in changes {
        switch change {
        case .set(let object): seen.names.insert(object.key.name)
        case .delete(_, let key): seen.names.remove(key.name)
        }
      }
      return true
    }
  }

  func didSync(_ kind: ObjectKind) {
    seen.withLock {
      $0.syncCount += 1
      $0.namesAtSync = $0.names
    }
  }

  func tell(_ notice: ReflectorNotice) { seen.withLock { $0.notices.append(notice.message) } }
}
