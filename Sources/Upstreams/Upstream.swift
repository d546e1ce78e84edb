import Sockets

/// A server that is asked: where it is and how it is spoken to.
package struct Upstream: Hashable, Sendable {
  /// How an upstream is spoken to.
  package enum Transport: Hashable, Sendable {
    /// UDP, and TCP when the answer calls for it or the client came by TCP (RFC 7766).
    case plain
    /// TLS over TCP (RFC 7858), with the name its certificate must bear; `nil` checks the address.
    case tls(serverName: String?)
  }

  /// Address and port.
  package let address: SocketAddress
  /// UDP and TCP, or TLS.
  package let transport: Transport
  /// As people write it: `192.0.2.1:53`, `tls://192.0.2.1:853`.
  package let text: String

  /// An upstream.
  package init(address: SocketAddress, transport: Transport, text: String) {
    self.address = address
    self.transport = transport
    self.text = text
  }
}
