import APISimulator
import Foundation
import TestSupport

do {
  let options = try CommandOptions(Array(CommandLine.arguments.dropFirst()))
  let simulator = try await Simulator(options)
  simulator.announce()
  try await simulator.run()
} catch let problem as CommandOptions.Problem {
  FileHandle.standardError.write(Data("\(problem)\n\(CommandOptions.usage)\n".utf8))
  exit(2)
} catch {
  FileHandle.standardError.write(Data("api-simulator: \(error)\n".utf8))
  exit(1)
}
