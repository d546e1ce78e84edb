import TestSupport
import Testing

/// `timeouts`, `cancel`, `root` and `multisocket` on the bare binary.
@Suite struct ConnectionOptionTests {
  private func framed(_ id: UInt16) -> [UInt8] {
    TCPConnection.framed(Query(UpstreamServer.clusterName, .a, id: id).bytes)
  }

  @Test func `a connection ends with its last query, and the next one is served`() throws {
    let server = try UpstreamServer(
      "timeouts {\n maxtcpqueries 3\n}",
      blocks: ["example.org": "timeouts {\n maxtcpqueries 2\n}\n whoami"])
    for _ in 0..<3 {
      let connection = try TCPConnection(to: server.client)
      var ids: [UInt16] = []
      for id in 1...2 as ClosedRange<UInt16> {
        try connection.send(framed(id))
        let reply = try ParsedMessage(connection.receiveMessage(timeout: .seconds(20)))
        ids.append(reply.header.id)
      }
      #expect(ids == [1, 2])
      #expect(try connection.receiveSome(timeout: .seconds(15)).isEmpty)
    }
  }

  @Test func `a query that waits too long is given up`() throws {
    let upstream = try EvilUpstream()
    let lines = "forward . \(upstream.text) {\n read_timeout 4s\n max_fails 0\n}"
    let server = try UpstreamServer("cancel 300ms\n" + lines)
    let reply = try server.ask("silent.cancel.test.")
    #expect(reply.responseCode == 2)
    let text = (reply.edns?.options ?? []).filter { $0.code == 15 }
      .map { String(decoding: $0.data.dropFirst(2), as: UTF8.self) }
    #expect(text == ["timed out"])
    #expect(try server.ask("ok.cancel.test.").isGood)
  }

  @Test func `files start at root, and a root that is not there is told`() throws {
    let folder = try TemporaryFolder()
    let corefile = { (root: String) in
      { (port: UInt16) in
        """
        .:\(port) {
            root \(root)
            multisocket 4
            forward . tls://127.0.0.1:1 {
                tls certificate.pem
            }
        }

        """
      }
    }
    let error = try #require(throws: Daemon.StartError.self) {
      try Daemon(folder: folder, readiness: .answers, corefile: corefile(folder.path))
    }
    #expect(error.description.contains("\(folder.path)/certificate.pem"), "\(error)")
    let certificate = try TestCertificate(names: "DNS:dns.example")
    let place = certificate.certificateFile.split(separator: "/").dropLast()
    let daemon = try Daemon(
      folder: folder, readiness: .answers,
      corefile: corefile("/" + place.joined(separator: "/")))
    let isTold = waitUntil(.seconds(60)) {
      daemon.standardOutput.contains("[INFO] plugin/multisocket: nothing to do: ")
    }
    #expect(isTold)
    #expect(!daemon.output.contains("plugin/root"))
    let lost = try Daemon(readiness: .answers) { port in
      ".:\(port) {\n root \(folder.path("none"))\n whoami\n}\n"
    }
    let isWarned = waitUntil(.seconds(60)) {
      lost.standardOutput.contains("[WARNING] plugin/root: there is no folder")
    }
    #expect(isWarned)
  }
}
