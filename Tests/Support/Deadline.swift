import Glibc

/// Asks `condition` again and again until it holds or `limit` has passed; returns whether it held.
///
/// Tests wait for what must happen, never for a time to pass.
package func waitUntil(
  _ limit: Duration, every pause: Duration = .milliseconds(20), _ condition: () throws -> Bool
) rethrows -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now.advanced(by: limit)
  while true {
    if try condition() { return true }
    guard clock.now < deadline else { return false }
    let microseconds = UInt32(clamping: pause.milliseconds * 1000)
    usleep(microseconds)
  }
}

/// Asks `condition` again and again until it holds, for conditions that tasks bring about: the
/// thread is free in between. The result is whether it held within a minute; other tests may keep
/// all threads for long, so it is asked a number of times whatever the clock says. Once the test is
/// cancelled it is asked a last time.
package func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(60)
  var lookCount = 0
  while try await !condition() {
    lookCount += 1
    if ContinuousClock.now > deadline, lookCount > 3_000 { return false }
    if (try? await Task.sleep(for: .milliseconds(2))) == nil { return try await condition() }
  }
  return true
}
