import Glibc
import PluginChain
import Sockets
import Synchronization

/// One address to listen on and the server blocks behind it.
package struct Listener: Sendable {
  /// The address; port 0 takes a free one, the same for UDP and TCP.
  package let address: SocketAddress
  /// Which chain answers what.
  package let routes: RouteTable
  /// A failure to bind is no error: `::` on a machine without IPv6.
  package let isOptional: Bool
  /// What the server blocks say of TCP connections.
  package let timeouts: StreamTimeouts

  /// A listener on `address`.
  package init(
    _ address: SocketAddress, _ routes: RouteTable, isOptional: Bool = false,
    timeouts: StreamTimeouts = StreamTimeouts()
  ) {
    self.address = address
    self.routes = routes
    self.isOptional = isOptional
    self.timeouts = timeouts
  }
}

/// An address that could not be listened on.
package struct ListenError: Error, Sendable {
  /// The address.
  package let address: SocketAddress
  /// What the system said.
  package let cause: SystemError
}

/// The running server: one worker a core, each with its own sockets on every address.
package final class DNSServer: Sendable {
  /// Free ports tried when port 0 is asked for.
  private static let portAttemptCountMax = 16

  let mailboxes: [Mailbox]
  /// What each worker remembers; none when nothing is to be.
  let observers: [WorkerObserver]
  private let limits: ServerLimits
  /// Workers that have not started: each goes to its thread, and its sockets with it.
  private let workers: Mutex<[WorkerBox]>
  private let threads = Mutex<[SystemThread]>([])
  private let bound: Mutex<[BoundAddress]>

  /// The addresses bound, with their real ports.
  package var addresses: [SocketAddress] {
    bound.withLock { $0.map(\.address) }.filter { $0.port != 0 }
  }

  /// Binds everything; when anything cannot be bound, nothing is left. Then starts the workers,
  /// unless that is left to `start()`: until then queries wait in the sockets. `residents` are what
  /// plugins keep on each worker. `remembers`: failures and who asks most (`failures`, `top`).
  package init(
    _ listeners: [Listener], workerCount: Int, limits: ServerLimits = ServerLimits(),
    residents: [[Resident]] = [], startsNow: Bool = true, remembers: Bool = false
  ) throws(ListenError) {
    let (bound, places) = try Self.bind(
      listeners, workerCount: max(1, workerCount), limits, kept: [])
    var mailboxes: [Mailbox] = []
    var prepared: [WorkerBox] = []
    let observers = places.indices.compactMap { _ in remembers ? WorkerObserver() : nil }
    for (index, places) in places.enumerated() {
      do throws(SystemError) {
        let mailbox = try Mailbox()
        mailboxes.append(mailbox)
        let own = residents.indices.contains(index) ? residents[index] : []
        let sockets = places.compactMap(\.sockets)
        prepared.append(
          WorkerBox(
            try Worker(
              index: index, limits, mailbox, sockets.map(\.0), sockets.map(\.1), own,
              remembers ? observers[index] : nil)))
      } catch {
        throw ListenError(address: .wildcard(isV6: false, port: 0), cause: error)
      }
    }
    self.bound = Mutex(bound)
    self.mailboxes = mailboxes
    self.observers = observers
    self.limits = limits
    workers = Mutex(prepared)
    if startsNow { try start() }
  }

  // MARK: - Binding

  /// An address that was asked for, and what it came to: port 0 where an optional one is not there.
  private struct BoundAddress {
    let wanted: SocketAddress
    var address: SocketAddress
  }

  /// Binds, for each worker, the addresses that are not `kept` from before.
  private static func bind(
    _ listeners: [Listener], workerCount: Int, _ limits: ServerLimits, kept: [BoundAddress]
  ) throws(ListenError) -> ([BoundAddress], [[WorkerPlan.Place]]) {
    var bound: [BoundAddress] = []
    var places: [[WorkerPlan.Place]] = []
    for index in 0..<workerCount {
      var own: [WorkerPlan.Place] = []
      for (number, listener) in listeners.enumerated() {
        let limits = limits.with(listener.timeouts)
        if let old = kept.first(where: { $0.wanted == listener.address && $0.address.port != 0 }) {
          if index == 0 { bound.append(old) }
          own.append(
            WorkerPlan.Place(
              address: old.address, routes: listener.routes, limits: limits, sockets: nil))
          continue
        }
        var address = listener.address
        if index > 0 {
          // Later workers share the first one's port.
          guard bound[number].address.port != 0 else { continue }
          address.port = bound[number].address.port
        }
        do throws(SystemError) {
          let sockets = try bind(address, listener.routes, limits)
          address.port = sockets.0.address.port
          own.append(
            WorkerPlan.Place(
              address: address, routes: listener.routes, limits: limits, sockets: sockets))
        } catch {
          guard listener.isOptional, isAbsentFamily(error.code) else {
            throw ListenError(address: address, cause: error)
          }
          address.port = 0
        }
        if index == 0 { bound.append(BoundAddress(wanted: listener.address, address: address)) }
      }
      places.append(own)
    }
    return (bound, places)
  }

  /// What a system without IPv6 says.
  private static func isAbsentFamily(_ code: Int32) -> Bool {
    [EAFNOSUPPORT, EADDRNOTAVAIL, EPROTONOSUPPORT].contains(code)
  }

  /// Binds UDP and TCP to one address. With port 0 the system chooses UDP's, and when that is taken
  /// for TCP, another is tried.
  private static func bind(
    _ address: SocketAddress, _ routes: RouteTable, _ limits: ServerLimits
  ) throws(SystemError) -> (UDPService, TCPService) {
    var attemptCount = 0
    while true {
      attemptCount += 1
      let datagram = try UDPService(address, routes)
      var streamAddress = address
      streamAddress.port = datagram.socket.local.port
      do throws(SystemError) {
        return (datagram, try TCPService(streamAddress, routes, limits))
      } catch {
        guard address.port == 0, error.code == EADDRINUSE, attemptCount < portAttemptCountMax else {
          throw error
        }
      }
    }
  }

  // MARK: - Life

  /// Starts the workers. Call it once.
  package func start() throws(ListenError) {
    let ready = workers.withLock { workers in
      defer { workers = [] }
      return workers
    }
    for (index, worker) in ready.enumerated() {
      do throws(SystemError) {
        let thread = try SystemThread(name: "dns-\(index)") { worker.run() }
        threads.withLock { $0.append(thread) }
      } catch {
        throw ListenError(address: .wildcard(isV6: false, port: 0), cause: error)
      }
    }
  }

  /// Binds the addresses that are new in `listeners`. Until the change is made by `make`, nothing
  /// is served from them; when one cannot be bound, nothing has happened.
  package func prepare(_ listeners: [Listener]) throws(ListenError) -> ServerChange {
    let (bound, places) = try Self.bind(
      listeners, workerCount: mailboxes.count, limits, kept: bound.withLock { $0 })
    return ServerChange(bound: bound.map { ($0.wanted, $0.address) }, places: places)
  }

  /// Makes a change that was prepared: every worker goes over to it between two batches. Returns
  /// when all have; then only queries that wait still use the old chains. Only after `start()`,
  /// and one at a time.
  package func make(_ change: consuming ServerChange, residents: [[Resident]]) async {
    let rest = Countdown(mailboxes.count)
    let places = change.places
    bound.withLock { bound in
      bound = change.bound.map { BoundAddress(wanted: $0.wanted, address: $0.address) }
    }
    await withCheckedContinuation { continuation in
      for (index, mailbox) in mailboxes.enumerated() {
        let own = residents.indices.contains(index) ? residents[index] : []
        mailbox.adopt(
          WorkerPlan(places[index], own) {
            if rest.isLast() { continuation.resume() }
          })
      }
    }
  }

  /// The mailbox of a worker, for whoever resumes queries that wait.
  package func mailbox(worker: Int) -> Mailbox? {
    mailboxes.indices.contains(worker) ? mailboxes[worker] : nil
  }

  /// Stops accepting, lets the last replies out, and returns when all workers have ended.
  package func stop() {
    for mailbox in mailboxes { mailbox.stop() }
    for thread in threads.withLock({ $0 }) { thread.join() }
  }
}

/// Carries a worker to its thread. `@unchecked`: made on one thread, run on one other, and the
/// start of a thread orders the two.
private final class WorkerBox: @unchecked Sendable {
  private var worker: Worker

  init(_ worker: consuming Worker) {
    self.worker = worker
  }

  func run() {
    worker.run()
  }
}

/// Addresses of a reload, bound and not served yet.
package struct ServerChange: ~Copyable {
  let bound: [(wanted: SocketAddress, address: SocketAddress)]
  let places: [[WorkerPlan.Place]]
}

/// Counts workers down to the last one.
private final class Countdown: Sendable {
  private let rest: Atomic<Int>

  init(_ count: Int) { rest = Atomic(count) }

  func isLast() -> Bool { rest.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
