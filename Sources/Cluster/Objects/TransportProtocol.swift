/// The transport protocol of a port, as the `_tcp` of an SRV name.
package enum TransportProtocol: UInt8, CaseIterable, Hashable, Sendable {
  /// TCP, what Kubernetes assumes when a port names none.
  case tcp
  /// UDP.
  case udp
  /// SCTP.
  case sctp

  /// The lower-case name, as the label after the underscore (Kubernetes DNS specification §2.3.2).
  package var label: String {
    switch self {
    case .tcp: "tcp"
    case .udp: "udp"
    case .sctp: "sctp"
    }
  }

  /// The protocol that a manifest's `TCP`, `UDP` or `SCTP` names; `nil` for any other text.
  package init?(manifestText text: String) {
    switch text {
    case "TCP": self = .tcp
    case "UDP": self = .udp
    case "SCTP": self = .sctp
    default: return nil
    }
  }
}
