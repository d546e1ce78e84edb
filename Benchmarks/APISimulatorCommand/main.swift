import APISimulator

let server = try await APIServer()
try await server.stop()
