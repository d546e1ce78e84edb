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
