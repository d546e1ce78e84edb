/// Runs `work` beside `body`, and cancels it when that is done or fails; its own end and its errors
/// do not matter.
package func whileRunning(
  _ work: @escaping @Sendable () async throws -> Void, _ body: () async throws -> Void
) async throws {
  let task = Task { try await work() }
  let outcome: Result<Void, any Error>
  do {
    outcome = .success(try await body())
  } catch {
    outcome = .failure(error)
  }
  task.cancel()
  _ = await task.result
  try outcome.get()
}
