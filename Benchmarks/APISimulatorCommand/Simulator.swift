import APISimulator
import Foundation
import TestSupport

/// A server with a generated world, and its controls.
struct Simulator {
  private let server: APIServer
  private let control: ControlServer
  private let certificate: TestCertificate?

  /// Generates the world and begins to listen.
  init(_ options: CommandOptions) async throws {
    var generated = GeneratedWorld()
    generated.serviceCount = options.serviceCount
    generated.endpointCount = options.endpointCount
    generated.headlessShare = options.headlessShare
    generated.podCount = options.podCount
    let world = World()
    generated.fill(world)
    world.writeAll()

    let needsCertificate = !options.isPlain && options.certificateFile == nil
    let certificate =
      needsCertificate ? try TestCertificate(names: "IP:127.0.0.1,DNS:localhost") : nil
    self.certificate = certificate
    let certificateFile = options.certificateFile ?? certificate?.certificateFile
    var serverOptions = APIServerOptions()
    serverOptions.port = options.port
    serverOptions.token = options.token
    serverOptions.bookmarkInterval = .seconds(options.bookmarkSeconds)
    serverOptions.offersWatchList = options.offersWatchList
    if !options.isPlain, let certificateFile, let keyFile = options.keyFile ?? certificate?.keyFile
    {
      serverOptions.security = .tls(
        certificateFile: certificateFile, keyFile: keyFile,
        clientAuthorityFile: options.clientAuthorityFile)
    }
    server = try await APIServer(serverOptions, world: world)
    let controls = Controls(server)
    control = try await ControlServer(port: options.controlPort) { method, path, query in
      await controls.answer(method, path, query)
    }
    if let path = options.kubeconfigPath {
      let text = try Kubeconfig.text(
        url: server.url, authorityFile: options.isPlain ? nil : certificateFile,
        token: options.token)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
  }

  /// Says where it listens.
  func announce() {
    let text = "port \(server.port)\ncontrol \(control.port)\n"
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  /// Goes on until the process is ended.
  func run() async throws { try await control.wait() }
}
