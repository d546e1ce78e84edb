/// How the API server writes what it sends.
package enum APIFormat: UInt8, CaseIterable, Hashable, Sendable {
  /// JSON; a watch is one object a line.
  case json
  /// Kubernetes protobuf; a watch is frames with a length of four octets.
  case protobuf

  /// The format of a response's `Content-Type`; `nil` for any other.
  package init?(contentType: String) {
    let type = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    switch type {
    case "application/json": self = .json
    case "application/vnd.kubernetes.protobuf": self = .protobuf
    default: return nil
    }
  }

  /// The largest object that is read, in octets: 8 MiB. What etcd takes is at most 1.5 MiB unless
  /// it is told otherwise; JSON and managed fields add to it.
  package static let objectOctetCountMax = 8 << 20
}

/// Why octets from the API server are not what was asked for.
package struct APIDecodingProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package let message: String

  /// A problem in words for people.
  package init(message: String) { self.message = message }

  /// What is wrong.
  package var description: String { message }
}
