import DNSWire
import PluginChain

/// Who asks most, for what: sketches of one worker over the last window of time and the one before.
///
/// Queries come in as a sample of one in `sampleInterval` on average, at random distances so that
/// no rhythm of clients (A then AAAA, a search path) falls in step with it. Memory is fixed.
package struct HeavyHitters: Sendable {
  /// One query of so many is counted.
  package static let sampleInterval: UInt64 = 64
  /// How long a window is, in nanoseconds: ten minutes, so that what is shown is of now.
  package static let windowNanoseconds: UInt64 = 600_000_000_000
  /// Keys that each sketch keeps.
  private static let keyCountMax = 256

  private struct Pair: Sendable {
    var current: SpaceSaving
    var previous: SpaceSaving

    init(keyOctetCountMax: Int, seed: UInt64) {
      current = SpaceSaving(
        capacity: keyCountMax, keyOctetCountMax: keyOctetCountMax, seed: seed)
      previous = current
    }

    mutating func turn() {
      swap(&current, &previous)
      current.removeAll()
    }

    var reading: SketchReading {
      SketchReading(sumOf: [SketchReading(current), SketchReading(previous)])
    }
  }

  private var clients: Pair
  private var namespaces: Pair
  private var deniedNames: Pair
  private var windowStart: UInt64
  private var previousStart: UInt64

  /// Nothing counted yet, at `now` of the monotonic clock.
  package init(seed: UInt64, now: UInt64) {
    clients = Pair(keyOctetCountMax: 17, seed: seed)
    namespaces = Pair(keyOctetCountMax: WireLimits.labelOctetCountMax, seed: seed)
    deniedNames = Pair(keyOctetCountMax: WireLimits.nameOctetCountMax, seed: seed)
    windowStart = now
    previousStart = now
  }

  /// What was counted.
  package var reading: TopReading {
    TopReading(
      clients: clients.reading, namespaces: namespaces.reading, deniedNames: deniedNames.reading,
      since: previousStart)
  }

  /// Counts a query with its reply.
  package mutating func add(_ exchange: inout Exchange, _ routes: RouteTable) {
    turnIfDue(exchange.now)
    let client = exchange.client.address
    var key = InlineArray<17, UInt8>(repeating: 0)
    key[0] = client.family.rawValue
    for index in 0..<16 { key[index &+ 1] = client.octet(index) }
    clients.current.add(key.span)
    let count = min(exchange.name.octetCount, 256)
    if let label = Self.namespaceLabel(exchange.name, routes) {
      let start = exchange.name.offset(ofLabel: label)
      let length = min(Int(exchange.name.octets[start & 0xFF]), count &- start &- 1)
      if length > 0 {
        let octets = exchange.name.octets.span.extracting((start &+ 1)..<(start &+ 1 &+ length))
        namespaces.current.add(octets)
      }
    }
    if exchange.reply.responseCode == .nameError {
      deniedNames.current.add(exchange.name.octets.span.extracting(0..<count))
    }
  }

  /// After two windows without a query nothing of them is left.
  private mutating func turnIfDue(_ now: UInt64) {
    for _ in 0..<2 {
      guard now > windowStart, now &- windowStart >= Self.windowNanoseconds else { return }
      clients.turn()
      namespaces.turn()
      deniedNames.turn()
      previousStart = windowStart
      windowStart = min(now, windowStart &+ Self.windowNanoseconds)
    }
    guard now &- windowStart >= Self.windowNanoseconds else { return }
    windowStart = now
    previousStart = now
  }

  /// Which label of a name in a zone of ours is the namespace: the one below `svc` or `pod`.
  private static func namespaceLabel(
    _ name: borrowing QueryName, _ routes: RouteTable
  ) -> Int? {
    guard let zone = routes.ownZone(of: name) else { return nil }
    let kind = name.labelCount &- zone.labelCount &- 1
    guard kind >= 1 else { return nil }
    let start = name.offset(ofLabel: kind)
    let octets = name.octets
    guard octets[start & 0xFF] == 3 else { return nil }
    let (one, two, three) = (
      octets[(start &+ 1) & 0xFF], octets[(start &+ 2) & 0xFF], octets[(start &+ 3) & 0xFF]
    )
    let isService = one == 0x73 && two == 0x76 && three == 0x63
    let isPod = one == 0x70 && two == 0x6F && three == 0x64
    return isService || isPod ? kind &- 1 : nil
  }
}

/// What the sketches of one worker, or of all, say.
package struct TopReading: Sendable {
  /// By client: a family (0 is IPv4), then sixteen octets of address.
  package let clients: SketchReading
  /// By namespace of the name asked, folded.
  package let namespaces: SketchReading
  /// By name, folded and in wire form, of replies with NXDOMAIN.
  package let deniedNames: SketchReading
  /// When counting began, in nanoseconds of the monotonic clock.
  package let since: UInt64

  init(
    clients: SketchReading, namespaces: SketchReading, deniedNames: SketchReading, since: UInt64
  ) {
    self.clients = clients
    self.namespaces = namespaces
    self.deniedNames = deniedNames
    self.since = since
  }

  /// The sum of what workers counted.
  package init(sumOf parts: [TopReading]) {
    clients = SketchReading(sumOf: parts.map(\.clients))
    namespaces = SketchReading(sumOf: parts.map(\.namespaces))
    deniedNames = SketchReading(sumOf: parts.map(\.deniedNames))
    since = parts.map(\.since).min() ?? 0
  }

  /// How many queries stand for one that was counted.
  package static let sampleInterval = HeavyHitters.sampleInterval
}
