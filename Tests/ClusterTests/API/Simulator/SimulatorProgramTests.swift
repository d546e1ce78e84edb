import APISimulator
import Cluster
import TestSupport
import Testing

/// What the simulator as a program is made of: generated worlds, controls, TLS.
@Suite struct SimulatorProgramTests {
  @Test func `a generated world has the sizes that were asked for`() {
    var generated = GeneratedWorld()
    generated.serviceCount = 300
    generated.endpointCount = 4_500
    generated.podCount = 20
    let world = World()
    generated.fill(world)
    #expect(world.objects(.services).count == 300)
    #expect(world.objects(.pods).count == 20)
    var endpointCount = 0
    var namedCount = 0
    for slice in world.objects(.endpointSlices) {
      guard case .slice(let body) = slice.object.body else { continue }
      #expect(body.endpoints.count <= 100)
      endpointCount += body.endpoints.count
      namedCount += body.endpoints.count { !$0.hostname.isEmpty }
    }
    #expect(endpointCount == 4_500)
    #expect(namedCount > 0 && namedCount < 4_500)
    let headlessCount = world.objects(.services).count { stored in
      if case .service(let service) = stored.object.body {
        service.clusterIPs == ["None"]
      } else {
        false
      }
    }
    #expect(headlessCount == 30)
  }

  @Test(arguments: APIFormat.allCases)
  func `a generated world is read without a complaint`(format: APIFormat) async throws {
    var generated = GeneratedWorld()
    generated.podCount = 10
    let server = try await APIServer()
    generated.fill(server.world)
    WorldChanges(server.world).addMarker()
    for kind in ObjectKind.native {
      let list = try await SimulatedShop.list(server, kind, format)
      #expect(list.objects.count == server.world.objects(ScheduleObjects.resource(kind)).count)
      #expect(list.objects.allSatisfy { $0.problems.isEmpty && $0.object != nil })
    }
    try await server.stop()
  }

  @Test func `controls change the world and set faults`() async throws {
    let server = try await APIServer(world: SimulatedShop.world())
    let controls = Controls(server)
    let control = try await ControlServer { method, path, query in
      await controls.answer(method, path, query)
    }
    let ask = { (method: String, target: String) async throws in
      try await PlainClient.ask(target, port: control.port, method: method).end()
    }
    let before = server.world.version
    #expect(try await ask("POST", "/sim/touch?count=3").code == 200)
    #expect(server.world.version == before + 3)
    let marker = server.world.object(.endpointSlices, "simulator", "marker-1")?.version ?? 0
    #expect(try await ask("POST", "/sim/rate?events=500").code == 200)
    let isKept = waitUntil(.seconds(20)) {
      server.world.object(.endpointSlices, "simulator", "marker-1")?.version ?? 0 > marker + 10
    }
    #expect(isKept)
    #expect(try await ask("POST", "/sim/rate?events=0").code == 200)
    #expect(try await ask("POST", "/sim/fault?kind=status&value=503&resource=pods").code == 200)
    #expect(try await PlainClient.ask("/api/v1/pods", of: server).end().code == 503)
    #expect(try await ask("POST", "/sim/fault?kind=nothing").code == 400)
    #expect(try await ask("POST", "/sim/restart").code == 200)
    #expect(try await PlainClient.ask("/api/v1/pods", of: server).end().code == 200)
    let requests = try await ask("GET", "/sim/requests")
    #expect(requests.text.contains("\"target\":\"/api/v1/pods\",\"userAgent\":\"plain\""))
    #expect(try await ask("GET", "/sim/violations").text == "[]\n")
    #expect(try await ask("GET", "/nothing").code == 404)
    try await control.stop()
    try await server.stop()
  }

  @Test(arguments: [false, true])
  func `a client follows over TLS with a kubeconfig`(hasCertificate: Bool) async throws {
    let certificate = try TestCertificate(names: "IP:127.0.0.1")
    var options = APIServerOptions()
    options.security = .tls(
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile,
      clientAuthorityFile: certificate.certificateFile)
    let server = try await APIServer(options, world: SimulatedShop.world())
    let folder = try TemporaryFolder()
    var text = try APISimulator.Kubeconfig.text(
      url: server.url, authorityFile: certificate.certificateFile, token: "token-1")
    if hasCertificate {
      text.replace(
        "token: token-1",
        with: "client-certificate: \(certificate.certificateFile)\n    "
          + "client-key: \(certificate.keyFile)")
    }
    try folder.write("config", text)
    let configuration = try Cluster.Kubeconfig(file: "\(folder.path)/config").configuration()
    let thread = APIThread()
    let client = APIClient(configuration, version: "0", thread: thread)
    let sink = ScheduleSink(pinned: [])
    server.faults.add(ConnectionFault.noTLS)
    let driver = ReflectorDriver(APIResource(kind: .service), client: client, sink: sink)
    let task = Task { await driver.run() }
    try await requireEventually { sink.objects.count == 3 }
    server.world.put(.service("shop", "new", .headless()))
    try await requireEventually { sink.objects.count == 4 }
    #expect(driver.status.counters.failureCount == 1)
    #expect(server.log.records.allSatisfy { $0.isProtobuf })
    task.cancel()
    await task.value
    await client.close()
    await thread.stop()
    try await server.stop()
  }
}
