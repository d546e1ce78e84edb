import Foundation
import TestSupport
import Testing

/// The status pages of the built binary.
@Suite(.timeLimit(.minutes(10))) struct StatusTests {
  private func whoami(_ port: UInt16) -> String {
    "example.org:\(port) {\n    whoami\n}\n"
  }

  // MARK: - Requests

  @Test func `the first page lists the others`() throws {
    let server = try StatusServer(whoami)
    #expect(server.isServing)
    let page = try server.page("/")
    #expect(page.status == 200)
    for path in ["/explain?", "/failures", "/top"] { #expect(page.body.contains(path)) }
  }

  @Test(arguments: [
    ("/nothing", 404, "/ lists them"), ("/top/", 404, "/ lists them"),
    ("/explain", 400, "which name?"), ("/explain?name=", 400, "is not a domain name"),
    ("/explain?name=..", 400, "is not a domain name"),
    ("/explain?name=a&type=NOPE", 400, "NOPE"), ("/explain?name=a&client=here", 400, "here"),
    ("/explain?name=a&namespace=b.c", 400, "is not a namespace"),
    ("/explain?name=a&port=0", 400, "port"), ("/explain?name=a&port=9", 400, "no server block"),
    ("/explain?name=a&nme=b", 400, "there is no parameter"),
    ("/explain?name=a&name=b", 400, "stands twice"), ("/explain?name=%zz", 400, "hexadecimal"),
    ("/explain?name=%FF", 400, "UTF-8"), ("/explain?name=a&format=xml", 400, "text or json"),
    ("/failures?n=1", 400, "there is no parameter"), ("/top?format=yaml", 400, "text or json"),
    ("/?a=1", 400, "none is expected"),
  ])
  func `a request that means nothing is told why`(
    path: String, status: Int, words: String
  ) throws {
    let server = try StatusServer(whoami)
    #expect(server.isServing)
    let page = try server.page(path)
    #expect(page.status == status, "\(page.body)")
    #expect(page.body.contains(words), "\(page.body)")
    #expect(server.daemon.end == nil)
  }

  @Test func `other methods, contents and lengths are refused, and the server goes on`() throws {
    let server = try StatusServer(whoami)
    #expect(server.isServing)
    let long = String(repeating: "a", count: 60_000)
    let rows = [
      ("POST /top HTTP/1.1\r\nHost: [::1]:9154\r\n\r\n", "405"),
      ("GET /top HTTP/1.1\r\nHost: [::1]:9154\r\nContent-Length: 3\r\n\r\nabc", "413"),
      ("GET /explain?name=\(long) HTTP/1.1\r\nHost: [::1]:9154\r\n\r\n", "40"),
      ("GET / HTTP/1.1\r\nHost: evil.example:9154\r\n\r\n", "421"),
      ("GET / HTTP/1.1\r\nHost: [::1]:9154\r\nX: \(long)\r\n\r\n", "4"),
      ("\u{0}\u{1}\r\n\r\n", "400"), ("GET\r\n\r\n", "400"),
    ]
    for (request, status) in rows {
      let connection = try TCPConnection(to: DNSClient(port: server.port))
      // It may be closed before all of it is sent.
      try? connection.send(Array(request.utf8))
      let answer = (try? connection.receiveSome(timeout: .seconds(20))) ?? []
      let line = String(decoding: answer.prefix(40), as: UTF8.self)
      #expect(answer.isEmpty || line.hasPrefix("HTTP/1.1 \(status)"), "\(line)")
    }
    #expect(try server.page("/").status == 200)
    #expect(server.daemon.end == nil)
  }

  // MARK: - The listener

  @Test func `a port that is taken is a warning, and taken over later`() throws {
    let first = try StatusServer(whoami)
    #expect(first.isServing)
    let second = try StatusServer(port: first.port, whoami)
    #expect(
      waitUntil(.seconds(60)) {
        second.daemon.output.contains("[WARNING] status: cannot serve on 127.0.0.1:\(first.port)")
      }, "\(second.daemon.output)")
    let name = "www.example.org.".replacingOccurrences(of: ".", with: "%2E")
    let isFirst = try first.page("/explain?name=\(name)").body
    #expect(isFirst.contains("port \(first.daemon.port)"), "\(isFirst)")
    first.daemon.send(signal: 15)
    #expect(first.daemon.waitForEnd() == .exit(0))
    let isOver = waitUntil(.seconds(60)) {
      (try? second.page("/explain?name=\(name)").body.contains("port \(second.daemon.port)"))
        == true
    }
    #expect(isOver, "\(second.daemon.output)")
    #expect(second.daemon.output.ranges(of: "status: cannot serve").count == 1)
    #expect(
      waitUntil(.seconds(60)) { second.daemon.output.contains("[INFO] status: pages are at") })
  }

  @Test(arguments: [
    "9154", ":9154", "127.0.0.1", "127.0.0.1:0", "host.example:9154", "::1:9154", "",
  ])
  func `an address that says too little is an error`(address: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(whoami(try freePort()), to: "Corefile")
    let result = try CommandResult.run(["-conf", file, "-status", address], in: folder)
    #expect(result.end == .exit(1))
    #expect(result.standardError.contains("expected ADDRESS:PORT"), "\(result.standardError)")
  }

  @Test func `off is off, and on is loopback alone`() throws {
    let daemon = try Daemon(readiness: .answers, corefile: whoami)
    let dns = String(daemon.port, radix: 16, uppercase: true)
    #expect(try listeners(of: daemon.pid).allSatisfy { $0.hasSuffix(":\(dns)") })
    let server = try StatusServer(whoami)
    #expect(server.isServing)
    let port = String(server.port, radix: 16, uppercase: true)
    let own = try listeners(of: server.daemon.pid).filter { $0.hasSuffix(":\(port)") }
    #expect(own == ["0100007F:\(port)"])
  }

  /// Addresses on which a process listens over TCP, as the kernel has them.
  private func listeners(of process: Int32) throws -> [String] {
    let manager = FileManager.default
    let folder = "/proc/\(process)/fd"
    let open = Set(
      try manager.contentsOfDirectory(atPath: folder).compactMap {
        try? manager.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
      })
    var addresses: [String] = []
    for table in ["tcp", "tcp6"] {
      let text = try String(contentsOfFile: "/proc/\(process)/net/\(table)", encoding: .utf8)
      for line in text.split(separator: "\n") {
        let fields = line.split(separator: " ").map(String.init)
        guard fields.count > 9, fields[3] == "0A", open.contains("socket:[\(fields[9])]") else {
          continue
        }
        addresses.append(fields[1])
      }
    }
    return addresses
  }

  // MARK: - Failures

  @Test func `failures are shown with their reason, whatever the name`() throws {
    let upstream = try EvilUpstream()
    upstream.stop()
    let server = try StatusServer { port in
      ".:\(port) {\n    forward . \(upstream.text)\n}\n"
    }
    #expect(server.isServing)
    _ = try server.daemon.client.udp(Query("dead.example.", .aaaa, id: 9).bytes)
    let odd = Query("q.example.", .a, id: 10).bytes
    // The label "q" becomes a quote, a line end, an escape and a zero.
    let name: [UInt8] = [4, 0x22, 0x0A, 0x1B, 0x00]
    var query: [UInt8] = Array(odd.prefix(12))
    query += name
    query += Array(odd.dropFirst(14))
    _ = try server.daemon.client.udp(query)
    let failures = try server.failures()
    #expect(failures.contains { $0["name"] as? String == "\\\"\\010\\027\\000.example." })
    let first = try #require(failures.first { $0["name"] as? String == "dead.example." })
    #expect(first["type"] as? String == "AAAA" && first["code"] as? String == "SERVFAIL")
    #expect(first["plugin"] as? String == "forward" && first["protocol"] as? String == "udp")
    #expect(first["client"] as? String == "127.0.0.1")
    let error = try #require(first["error"] as? [String: Any])
    #expect([22, 23].contains(error["code"] as? Int ?? 0))
    #expect((error["text"] as? String)?.isEmpty == false)
    let text = try server.page("/failures").body
    #expect(text.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
    #expect(text.contains(" udp dead.example. AAAA SERVFAIL forward 2"))
  }

  // MARK: - Who asks most

  @Test func `the names that are asked most come first`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ManifestWorld(addresses: ["tea": "10.96.1.1"]).text, to: "world.yaml")
    let server = try StatusServer(folder: folder) { port in
      ".:\(port) {\n kubernetes cluster.local {\n manifests \(folder.path("world.yaml"))\n }\n}\n"
    }
    #expect(server.isServing)
    let often = Query("often.shop.svc.cluster.local.", .a, id: 1).bytes
    let seldom = Query(ManifestWorld.name("tea"), .a, id: 2).bytes
    let queries = (0..<300).map { number -> [UInt8] in
      var query = number % 5 == 0 ? seldom : often
      query[0] = UInt8(number >> 8)
      query[1] = UInt8(number & 0xFF)
      return query
    }
    for _ in 0..<20 { _ = try QueryBurst.ask(queries, of: server.daemon.client) }
    let page = try server.page("/top?format=json")
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(page.body.utf8)) as? [String: Any], "\(page.body)")
    func keys(_ member: String) -> [String] {
      let list = (object[member] as? [String: Any])?["entries"] as? [[String: Any]] ?? []
      return list.compactMap { $0["key"] as? String }
    }
    #expect(keys("clients") == ["127.0.0.1"])
    #expect(keys("namespaces") == ["shop"])
    #expect(keys("nxdomain") == ["often.shop.svc.cluster.local."])
    #expect(try server.page("/top").body.contains("often.shop.svc.cluster.local."))
  }
}
