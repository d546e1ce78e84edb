import Foundation
import TestSupport

/// A status code and a body.
struct HTTPAnswer: Equatable {
  let status: Int
  let body: String
}

/// One HTTP/1.1 request over a connection of its own, repeated until there is an answer. The server
/// under test shares the threads of Swift's pool with all tests that run at the time, so it may
/// take as long as those do to come up and to answer.
func httpGet(_ path: String, host: String = "127.0.0.1", port: UInt16) async -> HTTPAnswer? {
  await onThread {
    var answer: HTTPAnswer?
    _ = waitUntil(.seconds(600)) {
      answer = blockingGet(path, host: host, port: port)
      return answer != nil
    }
    return answer
  }
}

/// Runs what blocks on a thread of its own: the server under test needs those of tasks and queues.
private func onThread(_ body: @escaping @Sendable () -> HTTPAnswer?) async -> HTTPAnswer? {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
}

private func blockingGet(_ path: String, host: String, port: UInt16) -> HTTPAnswer? {
  let request = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
  guard let connection = try? TCPConnection(to: DNSClient(host: host, port: port)),
    (try? connection.send(Array(request.utf8))) != nil
  else { return nil }
  var octets: [UInt8] = []
  while let more = try? connection.receiveSome(timeout: .seconds(300)), !more.isEmpty {
    octets += more
    if let answer = parsedAnswer(octets) { return answer }
  }
  return nil
}

/// The answer that `octets` begin with; `nil` until all of it is there.
private func parsedAnswer(_ octets: [UInt8]) -> HTTPAnswer? {
  let text = String(decoding: octets, as: UTF8.self)
  let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
  let words = (lines.first ?? "").split(separator: " ")
  guard words.count > 1, let status = Int(words[1]), let end = lines.firstIndex(of: "") else {
    return nil
  }
  let lengths = lines[..<end].compactMap { line -> Int? in
    let parts = line.lowercased().split(separator: ":")
    return parts.first == "content-length" ? parts.last.flatMap { Int($0.dropFirst()) } : nil
  }
  let body = lines[(end + 1)...].joined(separator: "\r\n")
  guard let length = lengths.first, body.utf8.count >= length else { return nil }
  return HTTPAnswer(status: status, body: body)
}
