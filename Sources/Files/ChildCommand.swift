import Glibc

/// A program that is run for what it writes: without a shell, with nothing to read, and bounded in
/// time and output.
package struct ChildCommand: Sendable {
  /// What became of a run.
  package struct Outcome: Hashable, Sendable {
    /// How it ended.
    package let end: End
    /// Its standard output.
    package let output: [UInt8]
    /// Its standard error.
    package let errorOutput: [UInt8]
  }

  /// How a run ended.
  package enum End: Hashable, Sendable {
    /// It called `exit` with this status.
    case exit(Int32)
    /// A signal ended it.
    case signal(Int32)
    /// It was killed: it took too long.
    case timedOut
    /// It was killed: it wrote too much.
    case wroteTooMuch
    /// It was killed: the run was called off.
    case calledOff
  }

  /// The program: a path, or a name that is looked up in `PATH`.
  package let program: String
  /// Its arguments, without its own name.
  package let arguments: [String]
  /// All of its environment.
  package let environment: [String: String]
  /// How long it may take.
  package var timeMax = Duration.seconds(60)
  /// How much it may write to each output, in octets: 1 MiB.
  package var octetCountMax = 1 << 20

  private static let lookMilliseconds: Int32 = 50

  /// A program with arguments and environment.
  package init(_ program: String, _ arguments: [String], environment: [String: String]) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
  }

  /// Runs it on a thread of its own; it is killed when the task is cancelled.
  package func run() async throws(PosixProblem) -> Outcome {
    let cancellation = CallOff()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let thread = PosixThread.start(stackOctetCount: 1 << 18) {
          let result: Result<Outcome, PosixProblem>
          do throws(PosixProblem) {
            result = .success(try waitForEnd(cancellation))
          } catch {
            result = .failure(error)
          }
          continuation.resume(returning: result)
        }
        if let thread { return thread.detach() }
        continuation.resume(
          returning: .failure(PosixProblem(message: "the system has no more threads")))
      }
    } onCancel: {
      cancellation.give()
    }
    return try result.get()
  }

  private func waitForEnd(_ cancellation: CallOff) throws(PosixProblem) -> Outcome {
    let output = try OutputPipe()
    let errors = try OutputPipe()
    let child = try SpawnedChild(self, output: output.writeEnd, errors: errors.writeEnd)
    output.closeWriteEnd()
    errors.closeWriteEnd()
    let deadline = ContinuousClock.now + timeMax
    var end: End?
    while end == nil {
      output.waitForInput(or: errors, milliseconds: Self.lookMilliseconds)
      // What was there when it ended is read before anything else is decided.
      end = child.end()
      output.readAvailable(octetCountMax: octetCountMax)
      errors.readAvailable(octetCountMax: octetCountMax)
      if cancellation.isGiven { end = end ?? .calledOff }
      if output.isOverfull || errors.isOverfull { end = .wroteTooMuch }
      if ContinuousClock.now > deadline { end = end ?? .timedOut }
    }
    switch end {
    case .exit, .signal: break
    default: child.kill()
    }
    return Outcome(
      end: end ?? .timedOut, output: output.octets, errorOutput: errors.octets)
  }
}
