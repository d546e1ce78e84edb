import Files
import Synchronization

/// A kubeconfig file (client-go's `clientcmd.v1`): clusters, users, and contexts that pair them.
package struct Kubeconfig: Sendable {
  private let file: String
  private let root: ManifestValue

  /// The largest file that is read, in octets: 4 MiB.
  static let octetCountMax = 4 << 20

  /// Reads a file.
  package init(file: String) throws(APIServerConfigurationProblem) {
    self.file = file
    let octets: [UInt8]
    do throws(PosixProblem) {
      octets = try PosixFile.read(file, octetCountMax: Self.octetCountMax).octets
    } catch {
      throw APIServerConfigurationProblem(file: file, message: error.message)
    }
    do throws(FieldRefusal) {
      root = try Self.document(octets)
    } catch {
      throw APIServerConfigurationProblem(error, in: file)
    }
  }

  /// The configuration of a context; of the current one when none is named. Every file that it
  /// names is read once.
  package func configuration(
    context: String? = nil
  ) throws(APIServerConfigurationProblem) -> APIServerConfiguration {
    let configuration: APIServerConfiguration
    do throws(FieldRefusal) {
      configuration = try read(context: context)
    } catch {
      throw APIServerConfigurationProblem(error, in: file)
    }
    try configuration.checkFiles(of: file)
    return configuration
  }

  // MARK: - Parts

  private func read(context name: String?) throws(FieldRefusal) -> APIServerConfiguration {
    let current = try root["current-context"].text("current-context") ?? ""
    let name = name ?? current
    guard !name.isEmpty else {
      throw FieldRefusal(field: "current-context", message: "no context is named")
    }
    let context = try entry(in: "contexts", name, of: "context")
    let field = "contexts[\(name)].context"
    guard let clusterName = try context["cluster"].text("\(field).cluster") else {
      throw FieldRefusal(field: "\(field).cluster", message: "the cluster is missing")
    }
    let cluster = KubeconfigCluster(
      value: try entry(in: "clusters", clusterName, of: "cluster"),
      field: "clusters[\(clusterName)].cluster", folder: folder)
    var configuration = try cluster.configuration()
    guard let userName = try context["user"].text("\(field).user"), !userName.isEmpty else {
      return configuration
    }
    let user = KubeconfigUser(
      value: try entry(in: "users", userName, of: "user"), field: "users[\(userName)].user",
      folder: folder)
    try user.apply(to: &configuration)
    return configuration
  }

  /// Paths in the file are relative to its folder.
  private var folder: String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }

  /// The entry of a name; of several, the first, as for kubectl.
  private func entry(
    in list: String, _ name: String, of kind: String
  ) throws(FieldRefusal) -> ManifestValue {
    for (index, element) in try root[list].elements(list).enumerated() {
      let field = "\(list)[\(index)]"
      let element = try element.mapping(field)
      guard try element["name"].text("\(field).name") == name else { continue }
      guard case .map = try element[kind].mapping("\(list)[\(name)].\(kind)") else {
        throw FieldRefusal(field: "\(list)[\(name)].\(kind)", message: "the \(kind) is missing")
      }
      return element[kind]
    }
    throw FieldRefusal(field: list, message: "there is no \(kind) \(ManifestText.quoted(name))")
  }

  // MARK: - Text

  private static func document(_ octets: [UInt8]) throws(FieldRefusal) -> ManifestValue {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let octets = octets.starts(with: mark) ? Array(octets.dropFirst(mark.count)) : octets
    guard String(validating: octets, as: UTF8.self) != nil else {
      throw FieldRefusal(field: "", message: "the file is not UTF-8 text")
    }
    if let complaint = YAMLKeyGuard.complaint(about: octets) {
      throw FieldRefusal(field: "", message: complaint)
    }
    let documents: [ManifestValue]
    do throws(ManifestFormatProblem) {
      documents = try parsed(octets)
    } catch {
      throw FieldRefusal(field: "", message: error.message)
    }
    let filled = documents.filter { $0 != .null }
    guard let root = filled.first, filled.count == 1 else {
      throw FieldRefusal(
        field: "",
        message: filled.isEmpty ? "the file is empty" : "the file has several documents")
    }
    _ = try root.mapping("")
    guard try root["kind"].text("kind") ?? "Config" == "Config",
      try root["apiVersion"].text("apiVersion") ?? "v1" == "v1"
    else { throw FieldRefusal(field: "kind", message: "this is not a v1 Config") }
    return root
  }

  /// Reads on a thread with room for the parser's recursion.
  private static func parsed(
    _ octets: [UInt8]
  ) throws(ManifestFormatProblem) -> [ManifestValue] {
    let parsing = Parsing()
    PosixThread.run {
      var reader = YAMLDocuments(keeping: KubeconfigFields.self)
      let result: Result<[ManifestValue], ManifestFormatProblem>
      do throws(ManifestFormatProblem) {
        result = .success(try reader.read(octets[...]))
      } catch {
        result = .failure(error)
      }
      parsing.result.withLock { $0 = result }
    }
    return try parsing.result.withLock { $0 }.get()
  }

  private final class Parsing: Sendable {
    let result = Mutex(Result<[ManifestValue], ManifestFormatProblem>.success([]))
  }
}

/// Which fields of a kubeconfig are read.
enum KubeconfigFields: KeptFields {
  static func keeps(_ name: String, below parent: String) -> Bool { names.contains(name) }

  private static let names: Set<String> = [
    "apiVersion", "kind", "current-context", "clusters", "contexts", "users", "name", "cluster",
    "context", "user", "server", "certificate-authority", "certificate-authority-data",
    "insecure-skip-tls-verify", "tls-server-name", "proxy-url", "token", "tokenFile",
    "client-certificate", "client-certificate-data", "client-key", "client-key-data", "username",
    "password", "exec", "auth-provider", "as", "as-uid", "as-groups", "as-user-extra", "command",
    "args", "env", "value", "installHint", "provideClusterInfo", "interactiveMode",
  ]
}
