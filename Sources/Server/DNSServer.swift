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

  private let mailboxes: [Mailbox]
  /// Workers that have not started: each goes to its thread, and its sockets with it.
  private let workers: Mutex<[WorkerBox]>
  private let threads = Mutex<[SystemThread]>([])
  /// The addresses bound, with their real ports.
  package let addresses: [SocketAddress]

  /// Binds everything; when anything cannot be bound, nothing is left. Then starts the workers,
  /// unless that is left to `start()`: until then queries wait in the sockets. `residents` are what
  /// plugins keep on each worker.
  package init(
    _ listeners: [Listener], workerCount: Int, limits: ServerLimits = ServerLimits(),
    residents: [[Resident]] = [], startsNow: Bool = true
  ) throws(ListenError) {
    var bound: [SocketAddress] = []
    var mailboxes: [Mailbox] = []
    var prepared: [WorkerBox] = []
    for index in 0..<max(1, workerCount) {
      var datagrams: [UDPService] = []
      var streams: [TCPService] = []
      for (number, listener) in listeners.enumerated() {
        // Later workers share the first one's port.
        var address = listener.address
        if index > 0 {
          guard let port = bound.indices.contains(number) ? bound[number].port : nil, port != 0
          else { continue }
          address.port = port
        }
        do throws(SystemError) {
          let (datagram, stream) = try Self.bind(
            address, listener.routes, limits.with(listener.timeouts))
          address.port = datagram.socket.local.port
          datagrams.append(datagram)
          streams.append(stream)
          if index == 0 { bound.append(address) }
        } catch {
          guard listener.isOptional, Self.isAbsentFamily(error.code) else {
            throw ListenError(address: address, cause: error)
          }
          address.port = 0
          if index == 0 { bound.append(address) }
        }
      }
      do throws(SystemError) {
        let mailbox = try Mailbox()
        mailboxes.append(mailbox)
        let own = residents.indices.contains(index) ? residents[index] : []
        prepared.append(
          WorkerBox(try Worker(index: index, limits, mailbox, datagrams, streams, own)))
      } catch {
        throw ListenError(address: .wildcard(isV6: false, port: 0), cause: error)
      }
    }
    addresses = bound.filter { $0.port != 0 }
    self.mailboxes = mailboxes
    workers = Mutex(prepared)
    if startsNow { try start() }
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
