import AsyncHTTPClient
import NIOCore

/// The body of a response, as it arrives; the next octets are not fetched before they are asked
/// for.
package struct APIBody {
  private var chunks: HTTPClientResponse.Body.AsyncIterator

  init(_ body: HTTPClientResponse.Body) { chunks = body.makeAsyncIterator() }

  /// More octets; `nil` at the end.
  package mutating func next() async throws(APIRequestFailure) -> [UInt8]? {
    do {
      return try await chunks.next().map { Array($0.readableBytesView) }
    } catch {
      throw APIRequestFailure(error)
    }
  }

  /// The first octets, as many as there are; nothing when there are more than allowed.
  mutating func prefix(_ octetCountMax: Int) async -> [UInt8] {
    var octets: [UInt8] = []
    while let chunk = try? await next() {
      octets += chunk
      if octets.count > octetCountMax { return [] }
    }
    return octets
  }
}

/// The header `Retry-After` (RFC 9110 section 10.2.3).
enum RetryAfter {
  /// The longest delay that is understood: a day.
  static let secondsMax: Int64 = 86_400

  /// The delay that it says, seen from `now`, in seconds since 1970; `nil` when it says none.
  static func delay(_ text: String?, at now: Int) -> Duration? {
    guard let text = text.map({ $0.filter { $0 != "\t" } }) else { return nil }
    let digits = text.filter { $0 != " " }
    let seconds = Int64(digits) ?? CalendarTime.seconds(httpDate: text).map { $0 - Int64(now) }
    guard let seconds, seconds > 0 else { return nil }
    return .seconds(min(seconds, secondsMax))
  }
}
