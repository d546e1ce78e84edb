import DNSWire
import PluginChain
import Server
import Sockets

extension RunningServer {
  /// Why a worker gives no explanation.
  static let busy = "a worker of the server has no time for it, or has ended"

  /// Explains a question by what is served now; `nil` when no worker has time. When an upstream
  /// would be asked, the server is asked as by a client, on its own address.
  func explain(_ request: ExplainRequest) async throws(StartError) -> Explanation? {
    let loaded = current
    let router = try Router(loaded, port: request.port, defaultPort: defaultPort)
    let names = Explanation.names(request, loaded)
    let client = TransportAddress(address: request.client, port: Self.clientPort)
    let queries = names.map { Verdict.query($0, request.type) }
    guard let results = await server.rehearse(queries, from: client, router.table) else {
      return nil
    }
    // Before anything is asked: what is known then would be what it has just learned.
    let facts = Explanation.facts(request, router)
    var asked: AskedAnswer?
    if case .waiting = results.first {
      asked =
        Self.isAsked(names, results)
        ? await ask(request, port: router.port)
        : .nobody(reason: "a resolver stops before it, on its search path")
    }
    return Explanation(request, names: names, results, router, facts: facts, asked: asked)
  }

  /// Whether a resolver gets to the question itself, the first of `names`, on its search path, the
  /// rest: no upstream is told a name that it would not be asked for.
  private static func isAsked(_ names: [DomainName], _ results: [SingleQuery.Result]) -> Bool {
    let path = zip(names, results).dropFirst()
    guard let stop = path.first(where: { Verdict($0.1).isFinal }) else { return true }
    return stop.0 == names.first
  }

  /// Any port that clients have.
  private static let clientPort: UInt16 = 40_000

  private func ask(_ request: ExplainRequest, port: UInt16) async -> AskedAnswer {
    let places = server.addresses.filter { $0.port == port }.map(\.reachable)
    let loopback = places.first { TransportAddress($0).address.isLoopback }
    guard let place = loopback ?? places.first else {
      return .nobody(reason: "the server has no address on port \(port)")
    }
    return await LoopbackQuery(server: place, name: request.name, type: request.type).ask()
  }
}

extension SocketAddress {
  /// Where a client on this machine reaches who is bound to it: loopback for every address.
  fileprivate var reachable: SocketAddress {
    guard isWildcard else { return self }
    return isV6
      ? SocketAddress(isV6: true, high: 0, low: 1, port: port)
      : SocketAddress(isV6: false, high: 0x7F00_0001 << 32, low: 0, port: port)
  }
}
