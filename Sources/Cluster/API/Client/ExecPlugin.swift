import Files

/// A program that tells credentials (client-go credential plugins, `client.authentication.k8s.io`).
package struct ExecPlugin: Hashable, Sendable {
  /// A path, or a name that is looked up in `PATH`.
  let program: String
  let arguments: [String]
  /// Variables besides those of the process.
  let variables: [String: String]
  /// `client.authentication.k8s.io/v1` or `/v1beta1`.
  let apiVersion: String
  /// What a person can do when there is no such program; empty when it is not said.
  let installHint: String
  /// `KUBERNETES_EXEC_INFO`, a JSON text.
  let information: String

  private static let group = "client.authentication.k8s.io/"

  /// Reads the field `exec` of a user; `server` is told to plugins that want to know.
  init(
    _ value: ManifestValue, field: String, folder: String, server: APIServerConfiguration
  ) throws(FieldRefusal) {
    guard let command = try value["command"].text("\(field).command"), !command.isEmpty else {
      throw FieldRefusal(field: "\(field).command", message: "the command is missing")
    }
    program = command.contains("/") ? FieldPath.resolved(command, in: folder) : command
    var arguments: [String] = []
    for (index, element) in try value["args"].elements("\(field).args").enumerated() {
      arguments.append(try element.text("\(field).args[\(index)]") ?? "")
    }
    self.arguments = arguments
    var variables: [String: String] = [:]
    for (index, element) in try value["env"].elements("\(field).env").enumerated() {
      let place = "\(field).env[\(index)]"
      let element = try element.mapping(place)
      guard let name = try element["name"].text("\(place).name"), !name.isEmpty,
        !name.contains("=")
      else {
        throw FieldRefusal(field: "\(place).name", message: "this is not a variable's name")
      }
      variables[name] = try element["value"].text("\(place).value") ?? ""
    }
    self.variables = variables
    apiVersion = try value["apiVersion"].text("\(field).apiVersion") ?? ""
    guard ["v1", "v1beta1"].map({ Self.group + $0 }).contains(apiVersion) else {
      throw FieldRefusal(
        field: "\(field).apiVersion",
        message: "\(ManifestText.quoted(apiVersion)) is neither \(Self.group)v1 nor v1beta1")
    }
    if try value["interactiveMode"].text("\(field).interactiveMode") == "Always" {
      throw FieldRefusal(
        field: "\(field).interactiveMode", message: "there is no terminal to ask anybody")
    }
    installHint = try value["installHint"].text("\(field).installHint") ?? ""
    let tellsCluster =
      try value["provideClusterInfo"].bool("\(field).provideClusterInfo") ?? false
    let cluster = tellsCluster ? ",\"cluster\":\(try Self.cluster(server))" : ""
    information =
      "{\"apiVersion\":\(Self.json(apiVersion)),\"kind\":\"ExecCredential\","
      + "\"spec\":{\"interactive\":false\(cluster)}}"
  }

  // MARK: - Running

  /// Runs the program and reads what it says.
  func credential() async throws(ExecPluginFailure) -> ExecCredential {
    var environment = ProcessEnvironment.variables()
    environment.merge(variables) { $1 }
    environment["KUBERNETES_EXEC_INFO"] = information
    let outcome: ChildCommand.Outcome
    do throws(PosixProblem) {
      outcome = try await ChildCommand(program, arguments, environment: environment).run()
    } catch {
      let hint = Self.line(installHint)
      throw failure(error.message + (hint.isEmpty ? "" : "; \(hint)"))
    }
    let words = Self.line(String(decoding: outcome.errorOutput.suffix(2_048), as: UTF8.self))
    let story = words.isEmpty ? "" : ": \(words)"
    switch outcome.end {
    case .exit(0): break
    case .exit(let status): throw failure("it ended with status \(status)\(story)")
    case .signal(let number): throw failure("signal \(number) ended it\(story)")
    case .timedOut: throw failure("it took too long\(story)")
    case .wroteTooMuch: throw failure("it wrote too much\(story)")
    case .calledOff: throw failure("it was called off")
    }
    do throws(FieldRefusal) {
      return try ExecCredential(outcome.output, apiVersion: apiVersion)
    } catch {
      let field = error.field.isEmpty ? "" : "\(error.field): "
      throw failure("its output is no ExecCredential: \(field)\(error.message)\(story)")
    }
  }

  private func failure(_ message: String) -> ExecPluginFailure {
    ExecPluginFailure(message: "credential plugin \(ManifestText.quoted(program)): \(message)")
  }

  private static let lineCharacterCountMax = 300

  /// Text on one line, its end kept when it is long: errors come last.
  private static func line(_ text: String) -> String {
    let line = text.split { $0.isNewline || $0 == "\t" }.joined(separator: " ")
    let plain = line.filter {
      $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
    return String(plain.suffix(lineCharacterCountMax))
  }

  // MARK: - Text

  private static func cluster(
    _ server: APIServerConfiguration
  ) throws(FieldRefusal) -> String {
    var fields = ["\"server\":\(json(server.address.url))"]
    if !server.serverName.isEmpty {
      fields.append("\"tls-server-name\":\(json(server.serverName))")
    }
    switch server.trust {
    case .system: break
    case .anything: fields.append("\"insecure-skip-tls-verify\":true")
    case .authorities(let source):
      let octets = try TLSMaterial.octets(source)
      fields.append("\"certificate-authority-data\":\"\(Base64.text(of: octets))\"")
    }
    return "{\(fields.joined(separator: ","))}"
  }

  /// Text as a JSON string.
  private static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// Why a credential plugin told nothing.
package struct ExecPluginFailure: Error, Hashable, Sendable {
  /// The story in one line.
  package let message: String
}
