import Cluster
import DNSWire
import RecordStore
import Testing
import TestSupport

/// Names of pod addresses (Kubernetes DNS specification §2.6).
@Suite struct PodRecordTests {
  private typealias Text = ObjectText

  @Test(arguments: [RecordOptions.PodMode.disabled, .insecure])
  func `pods leave no records unless they are verified`(mode: RecordOptions.PodMode) throws {
    let world = try RecordWorld { $0.pods = mode }
    try world.set(Text.namespace("shop"), Text.pod("shop/p", "10.0.0.1"))
    #expect(world.lines.isEmpty)
    #expect(world.emptyNames.contains("shop.pod") == (mode == .insecure))
  }

  @Test func `verified pods have a name for each address`() throws {
    let world = try RecordWorld { $0.pods = .verified }
    try world.set(
      Text.pod("shop/p", "10.0.0.1 fd00::1"), Text.pod("shop/q", "fd00::"), Text.pod("shop/r", ""))
    #expect(
      world.lines == [
        "10-0-0-1.shop.pod A 10.0.0.1", "fd00--0.shop.pod AAAA fd00::",
        "fd00--1.shop.pod AAAA fd00::1",
      ])
  }

  @Test func `pods that came to their end have no name`() throws {
    let world = try RecordWorld { $0.pods = .verified }
    try world.set(Text.pod("shop/p", "10.0.0.1"), Text.pod("shop/q", "10.0.0.2", isFinished: true))
    #expect(world.lines == ["10-0-0-1.shop.pod A 10.0.0.1"])
    try world.set(Text.pod("shop/p", "10.0.0.1", isFinished: true))
    #expect(world.lines.isEmpty)
    try world.set(Text.pod("shop/p", "10.0.0.3"))
    #expect(world.lines == ["10-0-0-3.shop.pod A 10.0.0.3"])
  }

  @Test func `pods of the host network share an address, also over namespaces`() throws {
    let world = try RecordWorld { $0.pods = .verified }
    try world.set(
      Text.pod("shop/p", "192.0.2.1"), Text.pod("shop/q", "192.0.2.1"),
      Text.pod("lab/p", "192.0.2.1"))
    let both = ["192-0-2-1.lab.pod A 192.0.2.1", "192-0-2-1.shop.pod A 192.0.2.1"]
    #expect(world.lines == both)
    try world.delete(.pod, "shop/p")
    #expect(world.lines == both, "the other pod still has it")
    try world.delete(.pod, "shop/q")
    #expect(world.lines == ["192-0-2-1.lab.pod A 192.0.2.1"])
  }

  @Test func `an address that goes from pod to pod keeps its name, and the serial stands`() throws {
    let world = try RecordWorld { $0.pods = .verified }
    try world.set(Text.pod("shop/p-0", "10.0.0.1"))
    let serial = world.serial
    for turn in 0..<5 {
      let moved = try world.apply([
        .delete(.pod, Text.objectKey("shop/p-\(turn)")),
        .set(Text.pod("shop/p-\(turn + 1)", "10.0.0.1")),
      ])
      #expect(!moved && world.serial == serial)
      #expect(world.lines == ["10-0-0-1.shop.pod A 10.0.0.1"])
    }
    try world.delete(.pod, "shop/p-5")
    #expect(world.lines.isEmpty)
  }

  @Test func `counts of shared addresses outlive an edit that failed`() throws {
    var options = RecordOptions()
    options.pods = .verified
    options.primaryZone = try #require(DomainName(text: "cluster.local."))
    let records = try #require(
      ClusterRecords(options: options, now: 1, arenaOctetCount: 1 << 16))
    try records.apply([.set(Text.pod("shop/p", "10.0.0.1"))], now: 1)
    try records.declareReady(now: 1)
    let crowd = (0..<4_000).map { Text.pod("shop/x-\($0)", "10.1.\($0 / 250).\($0 % 250)") }
    let twin = Text.pod("shop/q", "10.0.0.1")
    for _ in 0..<2 {
      #expect(throws: StoreError.full) {
        try records.apply(([twin] + crowd).map(ObjectChange.set), now: 1)
      }
      #expect(records.count(of: .pod) == 1)
    }
    try records.apply([.delete(.pod, Text.objectKey("shop/p"))], now: 1)
    let snapshot = records.store.enter(reader: 0)
    defer { records.store.leave(reader: 0) }
    var names = 0
    snapshot.forEachName(zone: 0) { name, sets in names += name.starts(with: [8]) ? 1 : 0 }
    #expect(names == 0, "nobody else has the address")
  }

  @Test func `pods of a namespace that does not exist have no name`() throws {
    let world = try RecordWorld { $0.pods = .verified }
    try world.set(
      Text.namespace("shop"), Text.pod("shop/p", "10.0.0.1"), Text.pod("lab/p", "10.0.0.2"))
    #expect(world.lines == ["10-0-0-1.shop.pod A 10.0.0.1"])
    try world.set(Text.namespace("lab"))
    #expect(world.lines.count == 2)
    try world.delete(.namespace, "shop")
    #expect(world.lines == ["10-0-0-2.lab.pod A 10.0.0.2"])
  }

  @Test func `a pod has no reverse name`() throws {
    let world = try RecordWorld { $0.pods = .verified }
    try world.set(Text.pod("shop/p", "10.0.0.1"))
    #expect(world.lines(about: "10.0.0.1").isEmpty)
  }

  /// Labels of pods and the addresses that they spell.
  static let labels: [(label: String, address: String?)] = [
    ("10-0-0-1", "10.0.0.1"), ("255-255-255-255", "255.255.255.255"), ("0-0-0-0", "0.0.0.0"),
    ("fd00--1", "fd00::1"), ("fd00--0", "fd00::"), ("--1", "::1"), ("--", "::"),
    ("1-2-3-4-5-6-7-8", "1:2:3:4:5:6:7:8"), ("--ffff-a00-1", "10.0.0.1"),
    ("2001-db8--a", "2001:db8::a"),
    ("1--2-3", "1::2:3"),
    ("10-0-0", nil), ("10-0-0-256", nil), ("10-0-0-01", nil), ("10-0-0-", nil), ("-10-0-0", nil),
    ("10.0.0.1", nil), ("a-b-c-d", nil), ("", nil), ("-", nil), ("---", nil), ("web", nil),
    ("1-2-3-4-5-6-7-8-9", nil), ("1--2--3", nil), ("fd00-", nil), ("10-0-0-1-5", nil),
    (String(repeating: "-", count: 63), nil), (String(repeating: "1", count: 63), nil),
  ]

  @Test(arguments: labels)
  func `labels spell addresses`(label: String, address: String?) {
    let octets = Array(label.utf8)
    #expect(AddressNames.address(podLabel: octets.span)?.description == address)
  }

  @Test func `labels of addresses read back`() {
    var generator = SeededGenerator(seed: 42)
    for _ in 0..<2_000 {
      let sparse = { (generator: inout SeededGenerator) in
        UInt64.random(in: 0...UInt64.max, using: &generator)
          & UInt64.random(in: 0...UInt64.max, using: &generator)
          & (Bool.random(using: &generator) ? 0xFFFF_0000_0000_FFFF : 0xFFFF_FFFF_0000)
      }
      let addresses = [
        IPAddress(v4: UInt32.random(in: 0...UInt32.max, using: &generator)),
        IPAddress(v6High: sparse(&generator) | 1 << 60, low: sparse(&generator)),
      ]
      for address in addresses {
        let label = Array(AddressNames.label(address).utf8)
        #expect(label.count <= 63)
        #expect(label.last != UInt8(ascii: "-"))
        // Three single dashes would be IPv4: an IPv6 label has a double one or seven.
        #expect(AddressNames.address(podLabel: label.span) == address)
      }
    }
  }
}
