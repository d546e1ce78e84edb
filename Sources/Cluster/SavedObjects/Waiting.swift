import Files

/// Waiting for what may block a thread, without blocking a task.
enum Waiting {
  /// Stack of such a thread.
  private static let stackOctetCount = 1 << 20

  /// Does `body` on a thread of its own and waits for it, but no longer than `limit` nor beyond the
  /// task's end: then the result is `nil`, and the thread is left to itself.
  static func onThread<Value: Sendable>(
    atMost limit: Duration, _ body: @escaping @Sendable () -> Value
  ) async -> Value? {
    let (values, continuation) = AsyncStream<Value>.makeStream()
    let thread = PosixThread.start(stackOctetCount: stackOctetCount) {
      continuation.yield(body())
      continuation.finish()
    }
    guard let thread else { return body() }
    thread.detach()
    let timer = Task {
      try? await Task.sleep(for: limit)
      continuation.finish()
    }
    defer { timer.cancel() }
    for await value in values { return value }
    return nil
  }
}
