import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import PluginChain

/// Asks the status pages of a running server.
struct StatusQuestion {
  /// Longer than a server takes that asks its upstreams.
  private static let limit = TimeAmount.seconds(15)
  /// Octets of a page: an explanation of the longest answer is smaller.
  private static let pageOctetCountMax = 8 << 20

  let address: StatusAddress

  /// The explanation of a question. Throws what went wrong, in one line.
  func explain(
    _ request: ExplainRequest, name: String, format: String
  ) async throws(StartError) -> String {
    var parameters = [
      ("name", name), ("type", "\(request.type)"), ("client", "\(request.client)"),
      ("namespace", request.namespace), ("format", format),
    ]
    if let port = request.port { parameters.append(("port", "\(port)")) }
    let query = parameters.map { "\($0.0)=\(Self.encoded($0.1))" }.joined(separator: "&")
    let (status, text) = try await page("/explain?\(query)")
    let line = text.hasSuffix("\n") ? String(text.dropLast()) : text
    guard status == 200 else {
      throw StartError(
        status == 400 ? line : "explain: \(address) says \(status): \(line.prefix(200))")
    }
    return line
  }

  private func page(_ target: String) async throws(StartError) -> (status: UInt, text: String) {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let result: Result<(UInt, String), any Error>
    do {
      let response = try await client.execute(
        HTTPClientRequest(url: "http://\(address)\(target)"), timeout: Self.limit)
      let body = try await response.body.collect(upTo: Self.pageOctetCountMax)
      result = .success((response.status.code, String(buffer: body)))
    } catch {
      result = .failure(error)
    }
    try? await client.shutdown()
    switch result {
    case .success(let page): return page
    case .failure(let error):
      // Of a connection that was not made the reason is always the same.
      let reason = error is HTTPClientError ? " (\(error))" : ""
      throw StartError(
        "explain: nothing answers at \(address)\(reason): is a server running, and its --status "
          + "this address?")
    }
  }

  /// Everything but letters and digits as `%` and two hexadecimal digits.
  private static func encoded(_ text: String) -> String {
    var result = ""
    for octet in text.utf8 {
      let isPlain = (48...57).contains(octet) || (97...122).contains(octet | 0x20)
      if isPlain {
        result.unicodeScalars.append(UnicodeScalar(octet))
      } else {
        let digits = String(octet, radix: 16)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }
}
