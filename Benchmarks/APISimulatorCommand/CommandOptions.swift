/// What is asked for on the command line.
struct CommandOptions {
  /// Why it cannot be read.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  var serviceCount = 100
  var endpointCount = 1_500
  var headlessShare = 0.1
  var podCount = 0
  var port = 0
  var controlPort = 0
  var isPlain = false
  var kubeconfigPath: String?
  var certificateFile: String?
  var keyFile: String?
  var clientAuthorityFile: String?
  var token = "token-1"
  var bookmarkSeconds = 60.0
  var offersWatchList = true

  static let usage = """
    usage: api-simulator [--services N] [--endpoints N] [--headless-share 0.1] [--pods N]
      [--port N] [--control-port N] [--plain-http] [--kubeconfig PATH] [--token TEXT]
      [--certificate FILE --key FILE] [--client-authority FILE] [--bookmark-seconds N]
      [--no-watch-list]
    """

  init(_ arguments: [String]) throws(Problem) {
    var rest = arguments[...]
    while let option = rest.popFirst() {
      switch option {
      case "--plain-http": isPlain = true
      case "--no-watch-list": offersWatchList = false
      default:
        guard let value = rest.popFirst() else {
          throw Problem(description: "\(option): a value is missing, or no such option")
        }
        try set(option, value)
      }
    }
    guard (certificateFile == nil) == (keyFile == nil) else {
      throw Problem(description: "--certificate and --key go together")
    }
  }

  private mutating func set(_ option: String, _ value: String) throws(Problem) {
    switch option {
    case "--services": serviceCount = try Self.number(option, value)
    case "--endpoints": endpointCount = try Self.number(option, value)
    case "--pods": podCount = try Self.number(option, value)
    case "--port": port = try Self.number(option, value)
    case "--control-port": controlPort = try Self.number(option, value)
    case "--headless-share": headlessShare = try Self.decimal(option, value)
    case "--bookmark-seconds": bookmarkSeconds = try Self.decimal(option, value)
    case "--kubeconfig": kubeconfigPath = value
    case "--certificate": certificateFile = value
    case "--key": keyFile = value
    case "--client-authority": clientAuthorityFile = value
    case "--token": token = value
    default: throw Problem(description: "\(option): no such option")
    }
  }

  private static func number(_ option: String, _ value: String) throws(Problem) -> Int {
    guard let number = Int(value), number >= 0 else {
      throw Problem(description: "\(option): \(value) is not a number")
    }
    return number
  }

  private static func decimal(_ option: String, _ value: String) throws(Problem) -> Double {
    guard let number = Double(value), number >= 0 else {
      throw Problem(description: "\(option): \(value) is not a number")
    }
    return number
  }
}
