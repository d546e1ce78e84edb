import PluginChain
import Sockets

/// What one worker serves from some moment on. Made on another thread, and left to the worker by
/// its mailbox: `@unchecked`, since from then on nobody else touches it.
final class WorkerPlan: @unchecked Sendable {
  /// An address and the server blocks behind it.
  struct Place {
    /// The address with its real port.
    let address: SocketAddress
    /// Which chain answers what.
    let routes: RouteTable
    /// Those of its connections.
    let limits: ServerLimits
    /// New sockets; `nil` where the worker has them already.
    let sockets: (UDPService, TCPService)?
  }

  /// All addresses.
  let places: [Place]
  /// All residents, those that the worker has already included.
  let residents: [Resident]
  /// Called on the worker once nothing goes the old way but what waits.
  let adopted: @Sendable () -> Void

  init(_ places: [Place], _ residents: [Resident], adopted: @escaping @Sendable () -> Void) {
    self.places = places
    self.residents = residents
    self.adopted = adopted
  }
}

extension Worker {
  /// Goes over to a plan between two rounds of events. Sockets and residents that the plan has too
  /// stay as they are; what came for an address that goes is answered the old way first. Queries
  /// that wait keep their chain, and its residents stay until those have had their time.
  mutating func adopt(_ plan: WorkerPlan) {
    self.plan = nil
    defer { plan.adopted() }
    if isStopping { return }
    takePlaces(plan)
    takeResidents(plan)
    let routes = Dictionary(
      plan.places.map { ($0.address, $0.routes) }, uniquingKeysWith: { first, _ in first })
    for connection in connections.values {
      if let routes = routes[connection.origin] {
        connection.routes = routes
      } else {
        // As if the client had finished: what it asked is answered.
        connection.state.receivedEnd()
        flush(connection, now: monotonicNanoseconds())
      }
    }
  }

  private mutating func takePlaces(_ plan: WorkerPlan) {
    let wanted = Set(plan.places.map(\.address))
    for index in streamServices.indices where !wanted.contains(streamServices[index].address) {
      acceptConnections(index, now: monotonicNanoseconds())
      try? poll.remove(streamServices[index].listener.number)
    }
    for index in datagramServices.indices
    where !wanted.contains(datagramServices[index].address) {
      datagramServices[index].socket.stopHearing()
      serveDatagrams(index)
      try? poll.remove(datagramServices[index].socket.number)
    }
    var datagrams: [UDPService] = []
    var streams: [TCPService] = []
    for place in plan.places {
      let datagram =
        place.sockets?.0 ?? datagramServices.first { $0.address == place.address }
      let stream = place.sockets?.1 ?? streamServices.first { $0.address == place.address }
      guard let datagram, let stream else { continue }
      datagram.routes = place.routes
      stream.routes = place.routes
      stream.limits = place.limits
      let isNew = place.sockets != nil
      let number = UInt64(datagrams.count)
      watch(datagram.socket.number, Token.datagrams | number, isNew: isNew)
      let interest: Readiness = stream.restsUntil == 0 ? .read : []
      watch(stream.listener.number, Token.listener | number, isNew: isNew, interest)
      datagrams.append(datagram)
      streams.append(stream)
    }
    datagramServices = datagrams
    streamServices = streams
  }

  private func watch(
    _ descriptor: Int32, _ token: UInt64, isNew: Bool, _ interest: Readiness = .read
  ) {
    // Both fail only when the kernel has no memory; then the address is served by other workers.
    if isNew {
      try? poll.add(descriptor, token: token, interest: interest)
    } else {
      try? poll.change(descriptor, token: token, interest: interest)
    }
  }

  // MARK: - Residents

  private mutating func takeResidents(_ plan: WorkerPlan) {
    let until = monotonicNanoseconds() &+ limits.waitingNanoseconds &+ 1_000_000_000
    let known = residents
    for resident in known
    where !plan.residents.contains(where: { $0 === resident })
      && !retired.contains(where: { $0.resident === resident })
    {
      retired.append((resident, until))
    }
    retired.removeAll { entry in plan.residents.contains { $0 === entry.resident } }
    setResidents(plan.residents + retired.map(\.resident), known: known)
  }

  /// Ends residents that a reload left behind, once no query can wait for them.
  mutating func endRetired(now: UInt64) {
    guard retired.contains(where: { now >= $0.until }) else { return }
    for entry in retired where now >= entry.until {
      if entry.resident.descriptor >= 0 { try? poll.remove(entry.resident.descriptor) }
      entry.resident.end()
    }
    let ended = retired.filter { now >= $0.until }.map(\.resident)
    retired.removeAll { now >= $0.until }
    let known = residents
    setResidents(known.filter { one in !ended.contains { $0 === one } }, known: known)
  }

  /// Renumbers residents, and watches those that are not known.
  private mutating func setResidents(_ next: [Resident], known: [Resident]) {
    for (index, resident) in next.enumerated() where resident.descriptor >= 0 {
      let isNew = !known.contains { $0 === resident }
      watch(resident.descriptor, Token.resident | UInt64(index), isNew: isNew)
    }
    residents = next
  }
}
