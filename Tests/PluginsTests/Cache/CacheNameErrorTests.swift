import DNSWire
import PluginChain
import Plugins
import Testing

/// Existence belongs to the name (RFC 2308 §5, RFC 8020): A and AAAA never disagree about it.
@Suite struct CacheNameErrorTests {
  static let name = "new.example."

  @Test func `NXDOMAIN answers every type of the name, and no name below it`() throws {
    var bench = try CacheBench { name, _, _ in
      name == Self.name ? .nameError() : FakeReply(answer: [.a(name, 300)])
    }
    for type in [RRType.a, .aaaa, .srv, .txt] {
      #expect(try bench.ask(Self.name, type).code == .nameError)
    }
    #expect(bench.upstream.count == 1)
    #expect(try bench.ask("a." + Self.name).code == .noError)
    #expect(bench.upstream.count == 2)
  }

  @Test(arguments: [true, false], [true, false])
  func `any newer answer of the name ends its NXDOMAIN`(
    hasData: Bool, isSigned: Bool
  ) throws {
    var bench = try CacheBench { _, _, _ in .nameError() }
    _ = try bench.ask(Self.name)
    // With DO there is no entry: the upstream is asked, and the name exists now.
    bench.upstream.become { name, _, _ in
      hasData ? FakeReply(answer: [.aaaa(name, 300)]) : .noData()
    }
    if isSigned {
      var ask = Ask(Self.name, .aaaa, .tcp, payload: 1232)
      ask.dnssecOK = true
      #expect(try bench.ask(ask)?.code == .noError)
    } else {
      bench.pass(seconds: 60)
      #expect(try bench.ask(Self.name, .aaaa).code == .noError)
    }
    bench.upstream.become { name, _, _ in FakeReply(answer: [.a(name, 300)]) }
    #expect(try bench.ask(Self.name).answer == ["new.example. 300 A 192.0.2.1"])
  }

  @Test func `NXDOMAIN ends what was known of the name`() throws {
    var bench = try CacheBench { name, type, _ in
      type == .a ? FakeReply(answer: [.a(name, 3600)]) : .nameError(30)
    }
    #expect(try bench.ask(Self.name).code == .noError)
    #expect(try bench.ask(Self.name, .aaaa).code == .nameError)
    #expect(try bench.ask(Self.name).code == .nameError)
    #expect(bench.upstream.count == 2)
    bench.pass(seconds: 30)
    bench.upstream.become { _, _, _ in .nameError(30) }
    #expect(try bench.ask(Self.name).code == .nameError, "the answer from before is gone")
    #expect(bench.upstream.count == 3)
  }

  @Test func `NXDOMAIN behind an alias is the target's`() throws {
    let reply = FakeReply(
      code: .nameError, answer: [.cname(Self.name, 300, "gone.example.")],
      authority: [.soa("example.", 300, minimum: 60)])
    var bench = try CacheBench { name, type, _ in
      type == .cname ? FakeReply(answer: [.cname(name, 300, "gone.example.")]) : reply
    }
    for _ in 0..<2 {
      #expect(try bench.ask(Self.name).code == .nameError)
      #expect(try bench.ask(Self.name, .cname).code == .noError)
    }
    #expect(bench.upstream.count == 2)
  }

  @Test func `NODATA is of one type`() throws {
    var bench = try CacheBench { name, type, _ in
      type == .a ? FakeReply(answer: [.a(name, 300)]) : .noData()
    }
    for _ in 0..<2 {
      #expect(try bench.ask(Self.name, .aaaa).answer == [])
      #expect(try bench.ask(Self.name).answer.count == 1)
    }
    #expect(bench.upstream.count == 2)
  }
}
